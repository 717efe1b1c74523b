"""Loops that say how far they are: the lines and their order stay, and no task can tell when they were printed."""

import sys

import ray


@ray.remote
def f(x):
    return x


@ray.remote
class Log:
    def __init__(self):
        self.seen = []

    def add(self, x):
        self.seen.append(x)

    def read(self):
        return self.seen


def main(names):
    print("starting", len(names))
    refs = []
    for i, name in enumerate(names):
        print(f"submitting {i}: {name}", flush=True)
        refs.append(f.remote(name))
        if i % 2 == 0:
            print("even", i, sep="-", file=sys.stderr)
    table = {}
    for name in names:
        ref = f.remote(name * 2)
        table[name] = ref
        print("table", name, end="\n")
    logs = [Log.remote() for _ in range(2)]
    for log in logs:
        log.add.remote(len(names))
        print("told one")
    print(ray.get(refs), ray.get(list(table.values())), ray.get([log.read.remote() for log in logs]))


main(["a", "b", "c"])
