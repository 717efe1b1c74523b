"""A progress bar goes over a generator that prints, or writes to an object of the program's."""

import sys

import ray
from tqdm import tqdm


@ray.remote
def f(x):
    return x * 2


def told(count):
    for i in range(count):
        print("taken", i)
        yield i


def main():
    refs = []
    for i in tqdm(told(3)):
        refs.append(f.remote(i))
    more = []
    for i in tqdm(range(3), file=sys.stderr):
        more.append(f.remote(i))
    return ray.get(refs), ray.get(more)


print(main())
