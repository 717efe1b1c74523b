import ray


@ray.remote
def f(*args):
    return args


@ray.remote
class Log:
    def __init__(self):
        self.entries = []

    def add(self, entry):
        self.entries.append(entry)
        return len(self.entries)

    def read(self):
        return self.entries


import asyncio
import contextlib
import os
import time


@ray.remote
def g(x, *more):
    return x, more


def unknown(*args):
    return len(args)


def by_get(k):
    xs = [f.remote(i) for i in range(2)]
    ys = [g.remote(x) for x in xs]
    return ray.get(ys)


def by_wait(k):
    xs = [f.remote(i) for i in range(2)]
    ys = [g.remote(x) for x in xs]
    done, rest = ray.wait(ys, num_returns=2)
    return len(done), len(rest)


def by_kill(k):
    logs = [Log.remote() for _ in range(2)]
    xs = [log.add.remote(k) for log in logs]
    ray.get(xs)
    ray.kill(logs[0])
    ys = [f.remote(i) for i in range(2)]
    ray.kill(logs[1])
    return ray.get(ys)


def by_cancel(k):
    xs = [f.remote(i) for i in range(2)]
    ys = [g.remote(x) for x in xs]
    ray.cancel(xs[0])
    return len(ys)


def by_a_clock(k):
    xs = [f.remote(i) for i in range(2)]
    ys = [g.remote(x) for x in xs]
    before = time.perf_counter()
    zs = [g.remote(y, k) for y in ys]
    assert time.perf_counter() - before >= 0
    return ray.get(zs)


def by_sleep(k):
    xs = [f.remote(i) for i in range(2)]
    ys = [g.remote(x) for x in xs]
    time.sleep(0)
    return ray.get([g.remote(y, k) for y in ys])


def by_io(k):
    xs = [f.remote(i) for i in range(2)]
    ys = [g.remote(x) for x in xs]
    print("submitted")
    zs = [g.remote(y, k) for y in ys]
    path = os.getcwd()
    ws = [g.remote(z, len(path) > 0) for z in zs]
    return ray.get(ws)


def by_an_unknown_function(k):
    xs = [f.remote(i) for i in range(2)]
    ys = [g.remote(x) for x in xs]
    n = unknown(k)
    zs = [g.remote(y, n) for y in ys]
    return ray.get(zs)


def by_return(k):
    xs = [f.remote(i) for i in range(2)]
    ys = [g.remote(x) for x in xs]
    return ys


def by_yield(k):
    xs = [f.remote(i) for i in range(2)]
    ys = [g.remote(x) for x in xs]
    sent = yield k
    zs = [g.remote(y, sent) for y in ys]
    yield ray.get(zs)


async def by_await(k):
    xs = [f.remote(i) for i in range(2)]
    ys = [g.remote(x) for x in xs]
    await asyncio.sleep(0)
    zs = [g.remote(y, k) for y in ys]
    return [await z for z in zs] if k is None else ray.get(zs)


def by_raise(k):
    xs = [f.remote(i) for i in range(2)]
    ys = [g.remote(x) for x in xs]
    raise KeyError(k)


def by_a_try(k):
    xs = [f.remote(i) for i in range(2)]
    ys = [g.remote(x) for x in xs]
    try:
        zs = [g.remote(y, k) for y in ys]
        ws = [g.remote(z) for z in zs]
        return ray.get(ws)
    except KeyError:
        vs = [f.remote(i) for i in range(2)]
        return ray.get(vs)
    finally:
        us = [f.remote(i) for i in range(2)]
        print(ray.get(us))


def by_a_with(k):
    xs = [f.remote(i) for i in range(2)]
    ys = [g.remote(x) for x in xs]
    with contextlib.nullcontext(k) as held:
        zs = [g.remote(y, held) for y in ys]
        ws = [g.remote(z) for z in zs]
    return ray.get(ws)


def by_a_loop_body(k):
    while k < 3:
        k += 1
        xs = [f.remote(i) for i in range(2)]
        ys = [g.remote(x) for x in xs]
    for i in range(2):
        zs = [f.remote(i) for i in range(2)]
        ws = [g.remote(z) for z in zs]
        if i == k:
            break
    else:
        vs = [g.remote(w) for w in ws]
    return ray.get(ys), ray.get(vs)


def by_the_end_of_a_function(k):
    log.append([f.remote(i) for i in range(2)])
    xs = [f.remote(i) for i in range(2)]
    ys = [g.remote(x) for x in xs]


def by_an_escape(k):
    xs = [f.remote(i) for i in range(2)]
    ys = [g.remote(x) for x in xs]
    both = xs + ys
    zs = [g.remote(y, k) for y in ys]
    return len(both), ray.get(zs)


def by_a_change(k):
    data = [k]
    xs = [f.remote(data) for _ in range(2)]
    ys = [g.remote(x, data) for x in xs]
    data[0] = 9
    zs = [g.remote(y, data) for y in ys]
    data += [7]
    return ray.get(zs)


def by_del_assert_and_import(k):
    xs = [f.remote(i) for i in range(2)]
    ys = [g.remote(x) for x in xs]
    del k
    zs = [g.remote(y) for y in ys]
    assert zs
    ws = [g.remote(z) for z in zs]
    import math

    vs = [g.remote(w, math.floor(1.5)) for w in ws]
    return ray.get(vs)


def by_a_definition(k):
    xs = [f.remote(i) for i in range(2)]
    ys = [g.remote(x) for x in xs]

    def inner():
        return k

    zs = [g.remote(y, k) for y in ys]
    return ray.get(zs), inner()


def by_a_match(k):
    xs = [f.remote(i) for i in range(2)]
    ys = [g.remote(x) for x in xs]
    match k:
        case 1:
            zs = [g.remote(y, k) for y in ys]
        case _:
            zs = ys
    return ray.get(zs)


log = []
for run in (by_get, by_wait, by_kill, by_cancel, by_a_clock, by_sleep, by_io, by_an_unknown_function, by_a_try):
    print(run.__name__, run(1))
for run in (by_a_with, by_a_loop_body, by_the_end_of_a_function, by_an_escape, by_a_change, by_del_assert_and_import):
    print(run.__name__, run(1))
print(by_a_definition(1), by_a_match(1), by_a_match(2), ray.get(by_return(1)), ray.get(log[0]))
steps = by_yield(1)
print(next(steps), steps.send(5), asyncio.run(by_await(1)))
try:
    by_raise(1)
except KeyError as error:
    print(error)
