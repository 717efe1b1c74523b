import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


def main(n):
    pairs = []
    for i in range(n):
        pairs.append((f.remote(i), g.remote(i)))
        print(len(pairs), [type(one).__name__ for one in pairs[-1]])
    return [ray.get(list(pair)) for pair in pairs]


print(main(2))
