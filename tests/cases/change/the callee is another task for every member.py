import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


@ray.remote
class Log:
    def __init__(self, start=0):
        self.seen = [start]

    def add(self, x):
        self.seen.append(x)
        return len(self.seen)

    def read(self):
        return self.seen


def main(tasks):
    refs = [task.remote(i) for i, task in enumerate(tasks)]
    more = []
    for task in tasks:
        more.append(task.remote(1))
    for task in tasks:
        task.remote(2)
    return ray.get(refs), ray.get(more)


def by_name(actors, name, x):
    refs = []
    for actor in actors:
        method = getattr(actor, name)
        refs.append(method.remote(x))
    for actor in actors:
        if hasattr(actor, "read"):
            actor.add.remote(len(actors))
    return ray.get(refs), ray.get([actor.read.remote() for actor in actors])


def mixed(given):
    return [each.remote(7) for each in given]


print(main([f, g]))
logs = [Log.remote(i) for i in range(2)]
print(by_name(logs, "add", 5))
results = mixed([f, logs[0].add, g.options(num_cpus=1), Log, g])
print(ray.get(results[:3]), ray.get(results[3].read.remote()), ray.get(results[4]))
print(ray.get([log.read.remote() for log in logs]))
