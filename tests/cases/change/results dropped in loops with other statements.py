import ray


@ray.remote
class Log:
    def __init__(self):
        self.seen = []

    def add(self, *k):
        self.seen.append(k)

    def read(self):
        return self.seen


@ray.remote
def note(log, x):
    ray.get(log.add.remote(x))
    return x


def main(n):
    logs = [Log.remote() for _ in range(2)]
    for log in logs:
        log.add.remote("first")
        log.add.remote("second", n)  # in this order
    for i in range(n):
        # doubled
        y = i * 2
        if y:
            note.remote(logs[0], y)
        note.remote(logs[1], y)
    for log in logs:
        print(sorted(map(str, ray.get(log.read.remote())))[-2:])


ray.init()
main(0)
main(3)
