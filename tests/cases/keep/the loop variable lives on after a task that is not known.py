import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


def main(task):
    for i in range(3):
        task.remote(i)
    return i


print(main(f), main(g))
