import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


def main(task):
    more = [i and task.remote(i) for i in range(3)]
    return ray.get(more[1:])


print(main(f), main(g))
