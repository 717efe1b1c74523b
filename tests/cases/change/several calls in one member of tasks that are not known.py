import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


def main(one, other):
    pairs = [(one.remote(i), other.remote(i)) for i in range(2)]
    both = []
    for i in range(2):
        both.append(one.remote(i))
        both.append(other.remote(i))
    return [ray.get(list(pair)) for pair in pairs], ray.get(both)


print(main(f, g))
