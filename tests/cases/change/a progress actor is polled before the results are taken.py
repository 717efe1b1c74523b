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


@ray.remote
def work(log, i):
    ray.get(log.add.remote(i))
    return i


@ray.remote
def last(x):
    return x + 1


def main(log):
    refs = [work.remote(log, i) for i in range(3)]
    ends = [last.remote(r) for r in refs]
    while len(ray.get(log.read.remote())) < 3:
        pass
    return sorted(ray.get(log.read.remote())), ray.get(ends)


def appended(log):
    refs = []
    for i in range(3):
        refs.append(work.remote(log, i))
    while ray.get(log.add.remote("poll")) < 4:
        pass
    return ray.get(refs)


print(main(Log.remote()), appended(Log.remote()))
