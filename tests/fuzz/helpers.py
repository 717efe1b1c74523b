"""Plain functions that generated programs use: imported by most, defined in the others and in what is reported."""

from __future__ import annotations

import contextlib

import ray


def total(value=0):
    if isinstance(value, dict):
        value = [[len(key), value[key]] for key in sorted(value)]
    if isinstance(value, (list, tuple)) or type(value).__name__ == "ndarray":
        found = len(value)
        for item in value:
            found = (found * 3 + total(item)) % 10007
        return found
    return int(value) if hasattr(value, "__int__") else 7


def reach(value):
    if isinstance(value, ray.ObjectRef):
        return total(ray.get(value))
    if isinstance(value, (list, tuple)):
        return total([reach(item) for item in value])
    return total(value)


def settled(value):
    if isinstance(value, (ray.ObjectRef, ray.actor.ActorHandle)):
        try:
            return total(ray.get(value if isinstance(value, ray.ObjectRef) else value.read.remote()))
        except Exception as error:
            return type(error).__name__
    if isinstance(value, dict):
        return {key: settled(value[key]) for key in value}
    if isinstance(value, Bag):
        return settled(vars(value))
    if isinstance(value, (list, tuple)):
        return [settled(item) for item in value]
    return total(value) if hasattr(value, "__int__") or type(value).__name__ == "ndarray" else type(value).__name__


def show(*values):
    print("show", *[settled(value) for value in values])


def tick(items):
    items.append(len(items) + 1)
    return items[-1]


def pulled(n):
    for i in range(n):
        print("pulled", i)
        yield i


def failing(n):
    yield from range(n)
    raise RuntimeError("failing")


async def later(n):
    for i in range(n):
        yield i


@contextlib.contextmanager
def quiet(*kinds):
    print("enter")
    try:
        yield 2
    except kinds as error:
        print("caught", type(error).__name__)
    finally:
        print("exit")


class Bag:
    pass
