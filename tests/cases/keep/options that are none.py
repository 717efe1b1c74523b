import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


def main(task):
    refs = [f.options().remote(i) for i in range(2)]
    more = [task.options().remote(i) for i in range(2)]
    return ray.get(refs), ray.get(more)


print(main(g))
try:
    print([f.options({"num_cpus": 1}).remote(i) for i in range(2)])
except TypeError as error:
    print(type(error))
