"""Several sessions of Ray in one program."""

import ray


@ray.remote
def f(x):
    return x + 1


@ray.remote
class Log:
    def __init__(self):
        self.seen = []

    def add(self, *x):
        self.seen.extend(x)
        return len(self.seen)

    def read(self):
        return self.seen


def session(k):
    ray.init()
    logs = [Log.remote() for _ in range(3)]
    for i in range(12):
        xs = [f.remote(i + j) for j in range(4)]
        ys = [f.remote(x) for x in xs]
        zs = [f.remote(y) for y in ys]
        for log in logs:
            log.add.remote(*zs)
        if i % 4 == 3:
            print(k, i, ray.get([log.read.remote() for log in logs])[0][-4:])
    print(ray.get([f.remote(x) for x in range(60)])[-1])
    _last = [log.add.remote(7) for log in logs]
    ray.shutdown()


for k in range(3):
    session(k)
print("end")
