import ray


@ray.remote
def f(*args):
    return args


@ray.remote
class Log:
    def __init__(self):
        self.entries = []

    def add(self, entry):
        self.entries.append(entry)
        return len(self.entries)

    def read(self):
        return self.entries


class Pool:
    def __init__(self, actors):
        self.actors = actors
        self.at = 0

    @property
    def next(self):
        self.at += 1
        self.actors[self.at % 2].add.remote(self.at)
        return self.at


class Proxy:
    def __init__(self, log):
        self.log = log

    def __getattr__(self, name):
        return ray.get(self.log.add.remote(name))


def main(pool, proxy):
    refs = [f.remote(pool.next) for _ in range(3)]
    more = [f.remote(proxy.anything, i) for i in range(2)]
    return ray.get(refs), ray.get(more)


log = Log.remote()
print(main(Pool([log, log]), Proxy(log)), ray.get(log.read.remote()))
