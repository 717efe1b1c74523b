import contextlib

import ray


@ray.remote
def f(x):
    return x


@ray.remote
def fails(x):
    raise ValueError(x)


def caught():
    xs = []
    try:
        xs = [f.remote(i) for i in range(3)]
        y = 1 // (len(xs) - 3)
        xs = [f.remote(i + y) for i in range(3)]
    except ZeroDivisionError:
        return ray.get(xs)


def suppressed():
    with contextlib.suppress(KeyError):
        xs = [f.remote(i) for i in range(3)]
        y = {}["missing"]
        xs = [f.remote(y) for i in range(3)]
    return ray.get(xs)


def finally_reads():
    try:
        xs = [f.remote(i) for i in range(3)]
        value = [][0]
        ys = [f.remote(value) for i in range(3)]
        return ys
    except IndexError:
        return "index"
    finally:
        print("finally", ray.get(xs))


def task_error():
    try:
        return ray.get([fails.remote(i) for i in range(2)])
    except ValueError as error:
        return type(error).__mro__[-2].__name__, isinstance(error, ray.exceptions.RayTaskError)


print(caught(), suppressed(), finally_reads(), task_error())
