import math

import ray


@ray.remote
def f(x):
    return x


@ray.remote
def step(x):
    return [x]


@ray.remote
class Progress:
    def __init__(self):
        self.seen = []

    def report(self, *what):
        self.seen.append(what)

    def read(self):
        return self.seen


def dropped(n, progress):
    inside = 0
    for i in range(n):
        if math.hypot(i, i) <= 3:
            inside += 1
        if (i + 1) % 2 == 0:
            progress.report.remote(i, inside)
    return inside


def several(n, progress):
    i = 0
    while i < n:
        i += 1
        if i % 2:
            progress.report.remote("odd", i)
            f.remote(i)
        elif i % 4:
            progress.report.remote("even", i)
        if i % 3:
            progress.report.remote("third", i)


def tried(n, progress):
    for i in range(n):
        try:
            if 6 // i > 2:
                progress.report.remote("large", i)
        except ZeroDivisionError:
            print("no division")


def listed(n):
    refs = []
    for i in range(n):
        math.hypot(i, i)
        refs.append(f.remote(i)) if i % 2 else None
        if i % 3:
            refs.append(f.remote(-i))
    return ray.get(refs)


def own(n):
    for i in range(n):
        refs, done = [], {}
        if i % 2:
            refs.append(f.remote(i))
        print(ray.get(refs), done)


def starts(n):
    for i in range(n):
        refs = []
        found = {}
        if i % 2:
            refs.append(f.remote(i))
            found[i] = f.remote(-i)
        print(ray.get(refs), [ray.get(ref) for ref in found.values()])


ray.init()
for n in (0, 5):
    progress = Progress.remote()
    print(dropped(n, progress), several(n, progress), tried(n, progress), listed(n), own(n), starts(n))
    print(ray.get(progress.read.remote()))
