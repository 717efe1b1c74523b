import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


def main(task):
    refs = [task.remote(i) if i else task.remote(0) for i in range(3)]
    more = [i and task.remote(i) for i in range(3)]
    return ray.get(refs[1:]), ray.get(more[1:])


print(main(f), main(g))
