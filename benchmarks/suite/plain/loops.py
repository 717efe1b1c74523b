"""Loops that get in every round: one call after the other, and a small group again and again."""

import ray


def spin(loops):
    """Computes for a time that grows with `loops`; gives a number that depends on all of it."""
    x = loops
    for _ in range(loops):
        x = (x * 1103515245 + 12345) % 2147483648
    return x


@ray.remote
def work(loops):
    return spin(loops)


@ray.remote
def increment(values):
    return [value + 1 for value in values]


def serial_gets(calls, loops):
    total = 0
    for i in range(calls):
        total += ray.get(work.remote(loops + i))
    return total


def small_group(width):
    """One call of a small group whose chain of two tasks is got: what is called again and again."""
    first = [increment.remote([i]) for i in range(width)]
    second = [increment.remote(one) for one in first]
    return ray.get(second)


def ticks(count, width):
    """The same as one loop of many steps; gives what the last one gave."""
    for _ in range(count):
        first = [increment.remote([i]) for i in range(width)]
        second = [increment.remote(one) for one in first]
        last = ray.get(second)
    return last
