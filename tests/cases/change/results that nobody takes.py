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
def tell(log, i):
    ray.get(log.add.remote(i))


def dropped(log):
    for i in range(3):
        tell.remote(log, i)
    [tell.remote(log, i) for i in range(3, 5)]
    ignored = [tell.remote(log, i) for i in range(5, 7)]
    firsts = [f.remote(i) for i in range(2)]
    seconds = [f.remote(x) for x in firsts]
    last = None
    for i in range(7, 9):
        last = tell.remote(log, i)
    return last


def on_actors(actors):
    for a in actors:
        a.add.remote("first")
    for a in actors:
        a.add.remote("second")


def wait(log, n):
    while len(ray.get(log.read.remote())) < n:
        pass
    return sorted(ray.get(log.read.remote()))


log = Log.remote()
dropped(log)
print(wait(log, 9))
actors = [Log.remote() for _ in range(2)]
on_actors(actors)
print(ray.get([a.read.remote() for a in actors]))
