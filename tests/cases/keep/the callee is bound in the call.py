import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


def main(choose):
    refs = [(task := choose[i % 2]).remote(i) for i in range(3)]
    return ray.get(refs), task is f


print(main([f, g]))
