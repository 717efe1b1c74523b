"""Ray's first anti-pattern: `ray.get` right after each call, in a loop, so that independent tasks run one by one."""

import argparse
import sys

import numpy as np
import ray
import rayinfer.inferred as ri


def primes_between(low, high):
    """How many primes there are from `low` up to but not including `high`."""
    candidates = np.arange(low, high)
    is_prime = candidates > 1
    for divisor in range(2, int(high**0.5) + 1):
        is_prime &= (candidates % divisor != 0) | (candidates == divisor)
    return int(is_prime.sum())


def next_seed(seed):
    return (seed * 1103515245 + 12345) % (1 << 31)


@ray.remote
def count_primes(low, high):
    return primes_between(low, high)


@ray.remote
def is_large(count, limit):
    return count > limit


@ray.remote
def advance(seed):
    return next_seed(seed)


def main(args):
    ray.init()

    # No call needs the result of another one: all could run at once.
    counts = []
    for i, ahead in ri.ahead(count_primes, range(args.parts), lambda i: ri.call(i * args.size, (i + 1) * args.size)):
        count = ray.get(ahead or count_primes.remote(i * args.size, (i + 1) * args.size))
        counts.append(count)
    large = [ray.get(ahead or is_large.remote(count, counts[-1])) for count, ahead in ri.ahead(is_large, counts, lambda count: ri.call(count, counts[-1]))]

    # Here each call needs the one before it.
    seed = 1
    for _ in range(args.parts):
        seed = ray.get(advance.remote(seed))

    alone = [primes_between(i * args.size, (i + 1) * args.size) for i in range(args.parts)]
    last = 1
    for _ in range(args.parts):
        last = next_seed(last)
    print(f"{sum(counts)} primes below {args.parts * args.size}, part by part {counts}")
    print(f"{sum(large)} parts have more than the last one; the last seed is {seed}")
    same = counts == alone and large == [count > alone[-1] for count in alone] and seed == last
    print("check:", "equal to a single-process count" if same else "NOT equal to a single-process count")
    return 0 if same else 1


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", type=int, default=12)
    parser.add_argument("--size", type=int, default=20_000, help="numbers in each part")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main(parse_args()))
