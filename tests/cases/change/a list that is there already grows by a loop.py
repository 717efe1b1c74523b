import time

import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


@ray.remote
class Counter:
    def __init__(self):
        self.n = 0

    def add(self, k):
        self.n += k
        return self.n


def after_a_clock(n):
    refs = []
    start = time.time()
    for i in range(n):
        refs.append(f.remote(i))
    values = ray.get(refs)
    assert time.time() >= start
    return values


def not_empty(n):
    refs = [f.remote(100), *[f.remote(101)]]
    for i in range(n):
        if i != 1:
            refs.append(f.remote(i))  # all but one
    refs.append(ray.put(102))
    for i in range(n):
        refs.append(g.remote(i))
    refs.insert(0, ray.put(99))
    return ray.get(refs)


def pairs(n):
    found = [("first", None)]
    print("pairs")
    for i in range(n):
        ref = g.remote(i)
        found.append((i, ref))
    return [(name, ref and ray.get(ref)) for name, ref in found]


def one_actor_each(n):
    counters = [Counter.remote() for _ in range(n)]
    counts = []
    for i in range(n):
        for k in range(3):
            counters[i].add.remote(k)
        counts.append(counters[i].add.remote(0))
    return ray.get(counts)


def rounds(n):
    refs = []
    for k in range(n):
        print("round", k, len(refs))
        for i in range(k):
            for j in range(i):
                refs.append(f.remote((k, i, j)))
        print(len(ray.get(refs)))
    return ray.get(refs)


def two_lists(n):
    down, up = [], []
    print(len(down))
    for i in range(n):
        down.append(g.remote(i))
        up.append(f.remote(i))
    actors = []
    for i in range(n):
        actors.append(Counter.remote())
    return ray.get(down + up), ray.get([actor.add.remote(2) for actor in actors])


def inside_a_try(n):
    try:
        refs = []
        print("in it")
        for i in range(n):
            refs.append(f.remote(10 // (2 - i)))
        print(ray.get(refs))
    except ZeroDivisionError:
        print("divided")
    finally:
        print("over")


ray.init()
for n in (0, 3):
    print(after_a_clock(n), not_empty(n), pairs(n), one_actor_each(n))
    print(rounds(n), two_lists(n))
    inside_a_try(n)
