import ray


@ray.remote
class Log:
    def __init__(self):
        self.seen = []

    def add(self, x):
        self.seen.append(x)

    def drop(self, x):
        self.seen.append(-x)

    def read(self):
        return self.seen


def main(logs, xs):
    for x in xs:
        logs[x % 2].add.remote(x) if ray.get(logs[1].read.remote()) else logs[1].add.remote(0)
    return ray.get(logs[1].read.remote())


print(main({0: Log.remote(), 1: Log.remote()}, [1, 2, 3]))
