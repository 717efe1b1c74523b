"""The driver computes something beside its tasks: they have gone out by then."""

import ray


@ray.remote
def f(x, y=0):
    return x + y


def heavy(count):
    total = 0
    for number in range(count):
        total += number
    return total


def beside(count):
    refs = [f.remote(i) for i in range(3)]
    own = heavy(count)
    more = [f.remote(ref, own) for ref in refs]
    return ray.get(more)


def single(count):
    one = f.remote(1)
    own = heavy(count)
    two = f.remote(one, own)
    return ray.get(two)


def looped(count):
    refs = [f.remote(i) for i in range(3)]
    for number in range(2):
        own = heavy(count) + number
    for number in range(heavy(3)):
        refs.append(f.remote(number, own))
    return ray.get(refs)


print(beside(10), single(10), looped(10))
