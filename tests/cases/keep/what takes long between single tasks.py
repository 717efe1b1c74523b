"""A chain of single tasks goes out as it stands where the driver computes something meanwhile."""

import ray


@ray.remote
def f(x, y=0):
    return x + y


def heavy(count):
    total = 0
    for number in range(count):
        total += number
    return total


def main(count):
    one = f.remote(1)
    own = heavy(count)
    two = f.remote(one, own)
    three = f.remote(two, heavy(count))
    return ray.get(three)


print(main(10))
