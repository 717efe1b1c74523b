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
        logs[x % 2].add.remote(x) if x > 1 else logs[x % 2].drop.remote(x)
    for x in xs:
        x > 1 and logs[x % 2].add.remote(x)
    return [ray.get(log.read.remote()) for log in logs.values()] if len(logs) > 2 else ray.get(logs[1].read.remote())


print(main({0: Log.remote(), 1: Log.remote()}, [1, 2, 3]))
