import ray


class Wrapped:
    def __init__(self, task):
        self.task = task
        self.count = 0

    def remote(self, x):
        self.count += 1
        return self.task.remote(x * 2)


@Wrapped
@ray.remote
def f(x):
    return x


print(ray.get([f.remote(i) for i in range(3)]), f.count)
