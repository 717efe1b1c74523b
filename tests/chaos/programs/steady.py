"""Chains and gathers of short tasks, round after round: what a steady loop sends to executors."""

import sys
import time

import numpy as np
import ray


@ray.remote
def block(i, n):
    return np.arange(n) + i


@ray.remote
def step(values, k):
    time.sleep(0.005)
    return values * 2 + k


@ray.remote
def total(values):
    return int(values.sum())


@ray.remote
def gather(*totals):
    return sum(totals)


def main(rounds, width, size):
    ray.init()
    base = [block.remote(i, size) for i in range(width)]
    out = []
    for k in range(rounds):
        first = [step.remote(one, k) for one in base]
        second = [step.remote(one, k + 1) for one in first]
        totals = [total.remote(one) for one in second]
        out.append(ray.get(gather.remote(*totals)))
        if k % 10 == 9:
            print(k, out[-1], ray.get([total.remote(one) for one in second])[0])
    print(sum(out))


main(*map(int, sys.argv[1:]))
