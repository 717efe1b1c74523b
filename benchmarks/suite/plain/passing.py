"""A large result in every step that the driver waits for, only to pass it on to other tasks."""

import numpy as np
import ray


@ray.remote
def make(step, nbytes):
    return np.full(nbytes // 8, step)


@ray.remote
def part(values, i, parts):
    return int(values[i::parts].sum())


def passing(steps, nbytes, takers):
    total = 0
    for step in range(steps):
        values = ray.get(make.remote(step, nbytes))
        total += sum(ray.get([part.remote(values, i, takers) for i in range(takers)]))
    return total
