import time

import ray


@ray.remote
def f(x):
    return x


@ray.remote
def add(x, y=1):
    return x + y


@ray.remote(num_returns=2)
def pair(x):
    return x, -x


@ray.remote
class Counter:
    def __init__(self, n=0):
        self.n = n

    def add(self, k):
        self.n += k
        return self.n


def some(xs):
    refs = [f.remote(x) if x % 2 else None for x in xs]
    n = len(refs)
    return n, [ref if ref is None else ray.get(ref) for ref in refs]


def others(xs, there):
    known = {0: ray.put("known")}
    refs = [known[x] if x in known else (f.remote(x)) for x in xs]
    pairs = [there if x else f.remote(x) for x in xs]
    return ray.get(refs), [part if part is there else ray.get(part) for part in pairs]


def of_members(xs):
    mapped = [f.remote(x) for x in xs]
    sums = [add.remote(m, x) if x > 1 else m for m, x in zip(mapped, xs)]
    last = [add.remote(m, x) if x > 1 else 0 for m, x in zip(mapped, xs)]
    return ray.get(sums), [one and ray.get(one) for one in last]


def of_actors(n):
    counters = [Counter.remote(i) if i != 1 else None for i in range(n)]
    everyone = [Counter.remote(i) for i in range(n)]
    [everyone[0].add.remote(1) for _ in range(2) if n]
    nothing = ray.put(None)
    first = ray.get([c.add.remote(5) if c is not None else nothing for c in counters])
    second = [c.add.remote(k) if k else nothing for k, c in enumerate(everyone)]
    return first, ray.get(second), tuple(f.remote(i) if i > 9 else i for i in range(n))


def in_one_line(xs):
    refs, pairs = [], []
    start = time.time()
    [refs.append(f.remote(x)) for x in xs]
    [refs.append(add.remote(x, y)) for x in xs if x for y in range(x)]
    [pairs.append((x, f.remote(x))) for x in reversed(xs)]
    assert time.time() >= start
    return ray.get(refs), [(x, ray.get(ref)) for x, ref in pairs]


def in_one_line_of_a_loop(xs):
    refs = []
    for k in range(2):
        [refs.append(f.remote((k, x))) for x in xs]
    return ray.get(refs)


def several_results(xs):
    both = [pair.remote(x) if x % 2 else None for x in xs]
    refs = [1]
    print("several")
    for x in xs:
        refs.append(pair.remote(x))
    [refs.append((x, pair.remote(x))) for x in xs if x > 2]
    values = [ray.get(part) for part in refs if type(part) is list]
    return [one and ray.get(one) for one in both], values, [type(part).__name__ for part in refs]


def stopped(xs):
    try:
        refs = [f.remote(x) if 6 // x else None for x in xs]
        print(ray.get(refs))
    except ZeroDivisionError:
        print("divided")


def pulled(xs):
    for x in xs:
        print("pulled", x)
        yield x


def lazily(xs):
    refs = []
    [refs.append(f.remote(x)) for x in pulled(xs)]
    more = [f.remote(x) if x else None for x in pulled(xs)]
    return ray.get(refs), len(more)


ray.init()
for xs in ([], [0, 1, 2, 3]):
    print(some(xs), others(xs, (1, 2)), of_members(xs), of_actors(len(xs)))
    print(in_one_line(xs), in_one_line_of_a_loop(xs), lazily(xs))
    print(several_results(xs))
    stopped(xs)
