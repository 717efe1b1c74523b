"""Actors that take values: the same one each, or one each; and results that nobody gets."""

import numpy as np
import ray


@ray.remote(num_cpus=0)
class Taker:
    def __init__(self):
        self.total = 0.0

    def take(self, value):
        self.total += float(value[0] + value[-1])
        return self.total


@ray.remote(num_cpus=0)
class Counter:
    def __init__(self):
        self.total = 0

    def add(self, number):
        self.total += number

    def get(self):
        return self.total


@ray.remote
def report(counter, number):
    counter.add.remote(number * number)


def start(count, size, steps):
    """`count` started actors, and the values of `size` bytes of every step."""
    takers = [Taker.remote() for _ in range(count)]
    zero = np.zeros(2)
    ray.get([taker.take.remote(zero) for taker in takers])
    return takers, [np.full(size // 8, float(step)) for step in range(steps)]


def start_counter(calls):
    counter = Counter.remote()
    ray.get(counter.get.remote())
    return counter, calls


def same_value(takers, values):
    """Every actor takes the value of every step; the totals differ from call to call by what was taken before."""
    totals = []
    for value in values:
        totals.append(ray.get([taker.take.remote(value) for taker in takers]))
    return [sum(step) - sum(totals[0]) for step in totals]


def own_values(takers, values):
    """Every actor takes a value of its own in every step."""
    totals = []
    for _ in range(10):
        totals.append(ray.get([taker.take.remote(value) for taker, value in zip(takers, values, strict=True)]))
    return [sum(step) - sum(totals[0]) for step in totals]


def forget_calls(counter, calls):
    """Calls on an actor whose results nobody gets; how much they counted."""
    before = ray.get(counter.get.remote())
    for number in range(calls):
        counter.add.remote(number * number)
    return ray.get(counter.get.remote()) - before


def forget_tasks(counter, calls):
    """Tasks whose results nobody gets, which tell an actor what they did; how much it heard."""
    before = ray.get(counter.get.remote())
    expected = before + sum(number * number for number in range(calls))
    for number in range(calls):
        report.remote(counter, number)
    while ray.get(counter.get.remote()) != expected:
        pass
    return expected - before
