import ray


@ray.remote
def f(x):
    return x


class Tasks:
    def __init__(self, *tasks):
        self.tasks = tasks

    def __getitem__(self, i):
        print("looked up", i)
        return self.tasks[i]

    @property
    def first(self):
        print("first")
        return self.tasks[0]


def looked_up(tasks):
    return ray.get([tasks[i].remote(i) for i in range(2)])


def by_getattr(several):
    return ray.get([getattr(tasks, "first").remote(1) for tasks in several])


def made(make):
    return ray.get([make(i).remote(i) for i in range(2)])


print(looked_up(Tasks(f, f)))
print(by_getattr([Tasks(f)]))
print(made(lambda i: f))
