from collections import deque

import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


class Loud(list):
    def append(self, item):
        print("append")
        super().append(item)


def aliased(n):
    refs = []
    other = refs
    print(len(other))
    for i in range(n):
        if len(other) < 2:
            refs.append(f.remote(i))
    return ray.get(refs)


def handled(n):
    refs = [ray.put(9)]
    try:
        for i in range(n):
            refs.append(f.remote(10 // (1 - i)))
    except ZeroDivisionError:
        print("divided", len(refs))
    return ray.get(refs)


def left_behind(n):
    for k in range(2):
        try:
            if k == 0:
                refs = [ray.put(8)]
            print(len(refs))
            for i in range(n):
                refs.append(f.remote(10 // (1 - i)))
            print(ray.get(refs))
        except ZeroDivisionError:
            continue


def of_both_kinds(n):
    refs = [ray.put(7)]
    for i in range(n):
        refs.append(f.remote(i))
        refs.append(g.remote(i))
    return ray.get(refs)


def counted(n):
    refs = [ray.put(6)]
    print("counted")
    for i in range(n):
        refs.append(f.remote((i, len(refs))))
    return ray.get(refs)


def over_itself():
    refs = [ray.put(1), ray.put(2)]
    for ref in refs:
        if len(refs) < 5:
            refs.append(g.remote(ref))
    return ray.get(refs)


def of_another_kind(n):
    last, loud = deque(maxlen=2), Loud()
    print("other kinds")
    for i in range(n):
        last.append(f.remote(i))
    for i in range(n):
        loud.append(f.remote(i))
    return ray.get(list(last) + loud)


def given(refs, n):
    for i in range(n):
        refs.append(f.remote(10 // (1 - i)))


def read_elsewhere(n):
    refs = []

    def size():
        return len(refs)

    print(size())
    for i in range(n):
        refs.append(f.remote(i))
    return size()


class Kept:
    def __init__(self):
        self.refs = []

    def fill(self, n):
        for i in range(n):
            self.refs.append(f.remote(10 // (1 - len(self.refs))))


ray.init()
for n in (0, 3):
    print(aliased(n), handled(n), of_both_kinds(n), counted(n), over_itself(), of_another_kind(n), read_elsewhere(n))
    left_behind(n)
mine, kept = [], Kept()
for grow in (lambda: given(mine, 3), lambda: kept.fill(3)):
    try:
        grow()
    except ZeroDivisionError:
        print(len(mine), len(kept.refs))
