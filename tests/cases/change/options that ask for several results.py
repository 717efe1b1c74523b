import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


def main(task):
    pairs = [task.options(num_returns=2).remote((i, i)) for i in range(2)]
    none = [task.options(num_returns=0).remote(i) for i in range(2)]
    return [ray.get(pair) for pair in pairs], none


print(main(f))
