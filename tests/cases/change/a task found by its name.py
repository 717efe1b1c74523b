import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


class Box:
    def __init__(self, **tasks):
        self.__dict__.update(tasks)

    def run(self, name):
        return ray.get([getattr(self, name).remote(i) for i in range(2)])


class Child(Box):
    task = f

    def run(self, name):
        return super().run(name) + ray.get([super(Child, self).task.remote(i) for i in range(0)])


print(Box(one=f, two=g).run("two"), Child(one=g).run("one"))
