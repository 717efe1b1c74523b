import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


class Box:
    task = f

    def __init__(self):
        self.other = g

    def run(self):
        return ray.get([self.other.remote(i) for i in range(2)]) + ray.get([self.task.remote(1)])


tasks = {"f": f, "g": g}
print(ray.get([tasks[name].remote(i) for i, name in enumerate("fg")]), Box().run())
