"""Loops that get in every round: one call after the other, a small group and a shuffle again and again."""

import numpy as np
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


def quarters(first, size):
    values = np.arange(first, first + size)
    return [values[values % 4 == i] for i in range(4)]


@ray.remote(num_returns=4)
def split(first, size):
    return quarters(first, size)


@ray.remote(num_cpus=0)
class Column:
    def take(self, *parts):
        return sum(int(part.sum()) for part in parts)


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


def start_shuffle(width, size):
    """Actors, each of which takes one part of what every task splits."""
    return [Column.remote() for _ in range(4)], width, size


def small_shuffle(columns, width, size):
    """One round of a shuffle into actors: what is called again and again."""
    parts = [split.remote(i, size) for i in range(width)]
    return ray.get([column.take.remote(*[one[i] for one in parts]) for i, column in enumerate(columns)])
