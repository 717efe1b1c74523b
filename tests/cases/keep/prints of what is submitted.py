"""Loops that print their refs, or read a clock for it."""

import time

import ray


@ray.remote
def f(x):
    return x


def main(names):
    own = []
    for name in names:
        own.append(f.remote(name))
        print(name, time.time() > 0)
    shown = []
    for name in names:
        print(len(shown))
        shown.append(f.remote(name))
        print([type(ref).__name__ for ref in shown])
    named = []
    for name in names:
        ref = f.remote(name)
        named.append(ref)
        print(type(ref).__name__)
    table = {}
    for name in names:
        table[name] = f.remote(name)
        print(sorted(table), len(table))
    last = None
    for name in names:
        last = f.remote(last)
        print(type(last).__name__)
    print(ray.get(own), ray.get(shown), ray.get(named), ray.get(list(table.values())), ray.get(last))


main(["a", "b"])
