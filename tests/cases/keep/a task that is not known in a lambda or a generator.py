import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


def main(task):
    refs = [*iter(map(lambda x: task.remote(x), range(2)))]
    more = [*(task.remote(i) for i in range(2))]
    return ray.get(refs), ray.get(more)


def stream(task):
    for i in range(2):
        yield task.remote(i)


print(main(f), ray.get(list(stream(g))))
