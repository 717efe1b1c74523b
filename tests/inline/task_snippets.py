"""Snippets of tasks and objects, each a small Ray program."""

import asyncio
import sys
import threading

import numpy as np
import ray
from ray import remote
from ray.exceptions import RayTaskError
from snippet_lines import last_line, outcome, show


def tasks_and_values():
    @ray.remote
    def add(a, b=1, *rest, scale=1):
        return (a + b + sum(rest)) * scale

    first = add.remote(1)
    show(ray.get(first), ray.get([first, first]), ray.get(add.remote(first, first, 3, scale=first)))
    show(ray.get(add.options(num_cpus=0.5, name="x").remote(2)), ray.get([]))
    show(len({first, first, add.remote(1)}), first == first, first != add.remote(1), len(first.hex()))
    show(ray.get(ray.remote(lambda x: x * 2).remote(4)), isinstance(first, ray.ObjectRef))


def wrong_calls():
    @remote(num_cpus=1)
    def one(a):
        return a

    @ray.remote
    class Keeper:
        def __init__(self, value):
            self.value = value

        def get(self):
            return self.value

    show(outcome(lambda: one.remote()), outcome(lambda: one.remote(1, 2)), outcome(lambda: one.remote(b=1)))
    show(last_line(lambda: one.remote()), last_line(lambda: one.remote(1, 2)))
    show(outcome(lambda: one(1)), last_line(lambda: one(1)))
    show(outcome(lambda: Keeper.remote()), outcome(lambda: Keeper(1)))
    keeper = Keeper.remote(5)
    show(outcome(lambda: keeper.get.remote(1)), outcome(lambda: keeper.get()), outcome(lambda: keeper.missing))
    show(last_line(lambda: keeper.get()), last_line(lambda: keeper.missing))
    show(outcome(lambda: ray.get(3)), outcome(lambda: ray.get([3])), outcome(lambda: ray.get((one.remote(1),))))
    show(last_line(lambda: ray.get(3)), last_line(lambda: ray.get([3])))
    show(outcome(lambda: one.options(num_cpuz=3)), outcome(lambda: ray.wait(one.remote(1))))
    show(outcome(lambda: ray.wait([one.remote(1)], num_returns=2)), outcome(lambda: ray.remote(3)))
    show(outcome(lambda: ray.get_actor("nobody")), outcome(lambda: ray.kill(3)), outcome(lambda: ray.cancel(3)))


def copies():
    @ray.remote
    def change(values):
        values.append(99)
        return values

    @ray.remote
    def flags(*arrays):
        return [array.flags.writeable for array in arrays]

    @ray.remote
    def same(a, b, both):
        return a is b, both[0] is both[1]

    @ray.remote
    def make(n):
        return np.zeros(n)

    values = [1]
    ref = change.remote(values)
    values.append(2)
    show(ray.get(ref), values, ray.get(ref) is ray.get(ref))
    stored = ray.put(values)
    values.append(3)
    show(ray.get(stored), ray.get(change.remote(stored)), ray.get(stored))
    for size in (0, 10, 100_000):
        array = np.ones(size)
        show(size, ray.get(flags.remote(array, ray.put(array), make.remote(size))), array.flags.writeable)
        show(ray.get(ray.put(array)).flags.writeable, ray.get(make.remote(size)).flags.writeable)
    show(ray.get(same.remote(values, values, [values, values])))
    show(ray.get(flags.remote(np.array(["a", None], dtype=object))))

    noted = []

    class Noted:
        def __init__(self, value):
            noted.append(value)

    class Plain(Noted):
        def __init__(self):
            pass

    @ray.remote
    def name(one, *others):
        return type(one).__name__, isinstance(one, Noted), len(others)

    # A class of the program is pickled as a whole: a task has one of its own, and the driver gets its own one anew.
    show(ray.get(name.remote(Noted(1), Noted(2))), ray.get(name.remote(ray.put(Noted(3)))))
    Noted(4)
    show(noted, ray.get(name.remote([Noted(5)])), ray.get(name.remote(Plain())))
    Noted(6)
    show(noted, isinstance(ray.get(ray.put(Plain())), Plain))
    Noted(7)
    show(noted)


def nested_refs():
    @ray.remote
    def kind(a, inside):
        return type(a).__name__, type(inside[0]).__name__

    @ray.remote
    def unwrap(inside):
        return ray.get(inside[0]) + 1

    @ray.remote
    def outer(x):
        return [ray.put(x), unwrap.remote([ray.put(x)])]

    ref = ray.put(1)
    show(ray.get(kind.remote(ref, [ref])), ray.get(unwrap.remote([ref])))
    inner = ray.get(outer.remote(5))
    show([type(r).__name__ for r in inner], ray.get(inner))
    box = ray.put({"ref": ref})
    del ref
    show(ray.get(ray.get(box)["ref"]), outcome(lambda: ray.get(unwrap.remote([1]))))
    show(outcome(lambda: ray.put(ray.put(1))))


def errors():
    class Custom(Exception):
        def __init__(self, code, why):
            super().__init__(code, why)
            self.code = code

    class Keyworded(Exception):
        def __init__(self, *, code):
            super().__init__(f"code {code}")

    @ray.remote
    def fail(kind):
        if kind == "custom":
            raise Custom(3, "no")
        if kind == "keyworded":
            raise Keyworded(code=4)
        raise {"value": ValueError, "key": KeyError}[kind](kind)

    @ray.remote
    def use(x):
        return x

    @ray.remote
    def nested():
        return ray.get(fail.remote("value"))

    for kind in ("value", "key"):
        show(outcome(lambda kind=kind: ray.get(fail.remote(kind))))
        show(last_line(lambda kind=kind: ray.get(fail.remote(kind))))
    try:
        ray.get([use.remote(1), fail.remote("custom")])
    except Custom as error:
        show("custom", error.code, isinstance(error, RayTaskError), type(error.cause).__name__, error.cause.args)
    # It cannot be made anew from its `args`.
    keyworded = fail.remote("keyworded")
    show(outcome(lambda: ray.get(keyworded)), outcome(lambda: ray.get(use.remote(keyworded))))
    dependent = use.remote(use.remote(fail.remote("value")))
    show(outcome(lambda: ray.get(dependent)), last_line(lambda: ray.get(dependent)))
    show(outcome(lambda: ray.get(nested.remote())))
    show(ray.wait([fail.remote("key")])[1], outcome(lambda: ray.get(use.remote([fail.remote("key")]))) is not None)
    show(outcome(lambda: ray.get(use.remote(threading.Lock()))), outcome(lambda: ray.put(threading.Lock())))

    @ray.remote
    def locked():
        return threading.Lock()

    show(outcome(lambda: ray.get(locked.remote())))

    @ray.remote(max_retries=0)
    def leave():
        sys.exit(3)

    show(outcome(lambda: ray.get(leave.remote())))


def many_returns():
    @ray.remote(num_returns=2)
    def two(n):
        return range(n)

    @ray.remote(num_returns=0)
    def none():
        return 1

    @ray.remote
    def listed():
        return [1, 2, 3]

    @ray.remote(num_returns=2)
    def fails():
        raise OSError("disk")

    a, b = two.remote(2)
    show(ray.get(a), ray.get(b), none.remote(), ray.get(listed.options(num_returns=3).remote()))
    show(outcome(lambda: ray.get(two.remote(3))), last_line(lambda: ray.get(two.remote(3))))
    show(last_line(lambda: ray.get(two.remote(1))))
    show([outcome(lambda r=r: ray.get(r)) for r in fails.remote()])
    show(last_line(lambda: ray.get(listed.options(num_returns=2).remote())))

    @ray.remote(num_returns=2)
    def single():
        return 5

    show(outcome(lambda: ray.get(single.remote())), last_line(lambda: ray.get(single.remote())))


def generators():
    @ray.remote
    def count(n):
        for i in range(n):  # noqa: UP028 - Ray drives a generator by `send`
            yield i
        if n > 3:
            raise ValueError("too many")

    @ray.remote(num_returns="dynamic")
    def dynamic(n):
        for i in range(n):
            yield i * i

    @ray.remote(num_returns=2)
    def pair():
        yield "a"
        yield "b"

    stream = count.remote(3)
    show(type(stream).__name__, [ray.get(ref) for ref in stream], outcome(lambda: next(stream)))
    parts = count.remote(4)
    show([outcome(lambda ref=ref: ray.get(ref)) for ref in parts])
    show([ray.get(ref) for ref in ray.get(dynamic.remote(3))], ray.get(pair.remote()))
    first, rest = ray.wait([count.remote(2)])
    show(len(first), rest, ray.get(next(first[0])))

    @ray.remote
    class Source:
        def items(self, n):
            for i in range(n):
                yield i + 10

        async def wait(self):
            return None

        async def slow(self, n):
            for i in range(n):
                await asyncio.sleep(0)
                yield i

    source = Source.remote()
    show([ray.get(r) for r in source.slow.remote(3)])
    show(ray.get(source.wait.remote()))


def waiting():
    @ray.remote
    def value(i):
        return i

    refs = [value.remote(i) for i in range(4)]
    ready, rest = ray.wait(refs, num_returns=4)
    show(len(ready), rest, ready == refs, ray.wait([], num_returns=1))
    seen = []
    while refs:
        ready, refs = ray.wait(refs)
        seen += ray.get(ready)
    show(sorted(seen), outcome(lambda: ray.wait([value.remote(1)] * 2)), outcome(lambda: ray.wait([1])))
    show(ray.get(value.remote(3), timeout=5))

    @ray.remote
    class Never:
        async def end(self):
            await asyncio.Event().wait()

    never = Never.remote()
    pending = never.end.remote()
    show(outcome(lambda: ray.get(pending, timeout=0.2)), len(ray.wait([pending], timeout=0.1)[1]))
    ray.cancel(pending)
    # As the calls meet, Ray raises the error itself or one that wraps it.
    show("TaskCancelledError" in outcome(lambda: ray.get(pending))[1])
