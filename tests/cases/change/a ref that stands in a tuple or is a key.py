import ray


@ray.remote
def f(x):
    return x


@ray.remote
class Counter:
    def __init__(self, n=0):
        self.n = n

    def add(self, k=1):
        self.n += k
        return self.n


def main(names):
    pairs = [(name, f.remote(name)) for name in names]
    jobs = []
    for i, name in enumerate(names):
        jobs.append({"number": i, "ref": f.remote(name)})
    pending = {f.remote(name): name for name in names}
    actors = [Counter.remote(i) for i, _ in enumerate(names)]
    busy = {}
    for actor in actors:
        busy[actor.add.remote(2)] = actor
    first = [(name, ray.get(ref)) for name, ref in pairs]
    second = [(job["number"], ray.get(job["ref"])) for job in jobs]
    third = [(name, ray.get(ref)) for ref, name in pending.items()]
    return first, second, third, [ray.get([ref, actor.add.remote()]) for ref, actor in busy.items()]


print(main("abc"), main(""))
