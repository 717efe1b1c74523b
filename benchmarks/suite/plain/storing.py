"""Programs whose values go through the object store: what they hold there at a time is compared."""

import numpy as np
import ray


@ray.remote
def make_batch(size):
    return np.ones(size // 8)


@ray.remote
def map_step(batch):
    return batch + 1


@ray.remote
def partial_sums(batch, parts):
    return [float(part.sum()) for part in np.array_split(batch, parts)]


@ray.remote(num_cpus=0)
class Taker:
    def __init__(self, index):
        self.index = index

    def reduce(self, *batches):
        return sum(sums[self.index] for sums in batches)

    def take(self, value):
        return self.index + float(value[0] + value[-1])


@ray.remote
def split(number, parts, size):
    return [np.full(size // 8, float(number + part)) for part in range(parts)]


@ray.remote
def join(*parts):
    return float(sum(part.sum() for part in parts))


@ray.remote
def fill(number, size):
    return np.full(size // 8, float(number))


@ray.remote
def add(one, other):
    return one + other


def start(count):
    """So many actors, which are up."""
    takers = [Taker.remote(i) for i in range(count)]
    ray.get([taker.take.remote([0.0]) for taker in takers])
    return takers


def stream(reducers, width, size, ticks):
    """Batches of `width` arrays through a map step and partial sums to all reducers, one after the other."""
    batch = make_batch.remote(size)
    for _ in range(ticks):
        mapped = [map_step.remote(batch) for _ in range(width)]
        sums = [partial_sums.remote(one, len(reducers)) for one in mapped]
        totals = ray.get([reducer.reduce.remote(*sums) for reducer in reducers])
    return totals


def shuffle(blocks, size):
    """Every block is split into as many parts of `size` bytes, and the parts of one number are joined."""
    rows = [split.options(num_returns=blocks).remote(number, blocks, size) for number in range(blocks)]
    return ray.get([join.remote(*[row[part] for row in rows]) for part in range(blocks)])


def same_value(takers, size, steps):
    """Every actor takes the same value of `size` bytes, a new one in each step."""
    for step in range(steps):
        value = np.full(size // 8, float(step))
        totals = ray.get([taker.take.remote(value) for taker in takers])
    return totals


def constant(takers, size, steps):
    """Every actor takes the same value of `size` bytes in each step."""
    value = np.full(size // 8, 1.0)
    for _ in range(steps):
        totals = ray.get([taker.take.remote(value) for taker in takers])
    return totals


def ticks(width, size, count):
    """Chains of two tasks whose results are looked at and dropped, again and again."""
    total = 0.0
    for _ in range(count):
        first = [fill.remote(number, size) for number in range(width)]
        second = [map_step.remote(one) for one in first]
        total += sum(float(one[0]) for one in ray.get(second))
    return total


def held(members, size):
    """Many short tasks whose refs are held."""
    refs = [fill.remote(number, size) for number in range(members)]
    ready, _ = ray.wait(refs, num_returns=len(refs) // 2)
    return len(ready), float(sum(one[-1] for one in ray.get(refs)))


def tree(leaves, size):
    """Arrays that are summed in pairs."""
    refs = [fill.remote(number, size) for number in range(leaves)]
    while len(refs) > 1:
        refs.append(add.remote(refs.pop(0), refs.pop(0)))
    return float(ray.get(refs[0]).sum())
