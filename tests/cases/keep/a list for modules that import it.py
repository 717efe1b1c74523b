"""A module whose refs others may read."""

import ray


@ray.remote
def f(x):
    return x


shared = []
for i in range(3):
    shared.append(f.remote(i))


def values():
    return ray.get(shared)


print(len(shared))
