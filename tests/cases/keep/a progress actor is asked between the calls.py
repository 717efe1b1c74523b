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


def main(log):
    refs = []
    for i in range(3):
        refs.append(f.remote(i, ray.get(log.add.remote(i)) - 1))
    more = [f.remote(i, ray.get(log.read.remote())[:]) for i in range(2)]
    return ray.get(refs), ray.get(more)


print(main(Log.remote()))
