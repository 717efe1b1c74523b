import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


def main(tasks):
    refs = [task.remote(i) for i, task in enumerate(tasks)]
    more = []
    for task in tasks:
        more.append(task.remote(1))
    for task in tasks:
        task.remote(2)
    return ray.get(refs), ray.get(more)


print(main([f, g]))
