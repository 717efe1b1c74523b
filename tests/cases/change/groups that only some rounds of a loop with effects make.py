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


def fan_out(n, actors):
    for i in range(n):
        math.hypot(i, i)
        if i % 2:
            for actor in actors:
                actor.report.remote(i)
        if i % 3:
            actors[0].report.remote("one", i)
            for actor in actors:
                actor.report.remote(-i)


def named(n, xs):
    refs = []
    for i in range(n):
        math.hypot(i, i)
        if i % 2:
            refs = [f.remote(x + i) for x in xs]
        print(i)
    return ray.get(refs)


def linked(n):
    last = None
    for i in range(n):
        math.hypot(i, i)
        if i % 2:
            last = step.remote(f.remote(i))
        print(i)
    return last and ray.get(last)


def taken(n, xs):
    for i in range(n):
        math.hypot(i, i)
        items = xs
        if i % 2:
            items = [f.remote(x) for x in xs]
        refs = [step.remote(item) for item in items]
        print(ray.get(refs))


ray.init()
for n in (0, 4):
    actors = [Progress.remote(), Progress.remote()]
    print(fan_out(n, actors), named(n, range(3)), linked(n), taken(n, [1, 2]))
    print([ray.get(actor.read.remote()) for actor in actors])
