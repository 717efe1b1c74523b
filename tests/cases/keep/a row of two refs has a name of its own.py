import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


def main(n):
    pairs, last = [], None
    for i in range(n):
        last = (f.remote(i), g.remote(i))
        pairs.append(last)
    return last is pairs[-1], [ray.get(list(pair)) for pair in pairs]


print(main(2))
