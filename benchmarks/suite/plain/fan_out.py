"""Fan-out and get: tiny tasks, and tasks that compute for a given time."""

import ray


def spin(loops):
    """Computes for a time that grows with `loops`; gives a number that depends on all of it."""
    x = loops
    for _ in range(loops):
        x = (x * 1103515245 + 12345) % 2147483648
    return x


@ray.remote
def square(x):
    return x * x


@ray.remote
def work(loops):
    return spin(loops)


def squares(n):
    return sum(ray.get([square.remote(x) for x in range(n)]))


def squares_later(n):
    refs = [square.remote(x) for x in range(n)]
    total = 0
    while refs:
        ready, refs = ray.wait(refs, num_returns=min(500, len(refs)))
        total += sum(ray.get(ready))
    return total


def fan_out(loops):
    return ray.get([work.remote(n) for n in loops])


def fan_out_later(loops):
    refs = [work.remote(n) for n in loops]
    ray.wait(refs, num_returns=len(refs) // 2)
    return ray.get(refs)
