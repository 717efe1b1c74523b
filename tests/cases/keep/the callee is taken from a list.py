import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


def main(tasks):
    refs = [tasks.pop().remote(i) for i in range(2)]
    return ray.get(refs), len(tasks)


print(main([f, g]))
