import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


def main(task):
    first = task.remote(1)
    second = task.remote(first)
    return ray.get(second), ray.get(task.remote(2))


print(main(f), main(g))
