import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


asked = []


def cpus(i):
    asked.append(i)
    return 0.5


def main():
    refs = [f.options(num_cpus=cpus(i)).remote(i) for i in range(2)]
    more = [f.options(**{"num_cpus": cpus(i)}).remote(i) for i in range(2)]
    for i in range(2):
        f.options(num_cpus=cpus(i)).remote(i)
    return ray.get(refs), ray.get(more)


print(main(), asked)
