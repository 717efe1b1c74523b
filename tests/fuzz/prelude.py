"""What generated programs may use: tasks and actors, each defined in a program that names it, and plain helpers.

Tasks and actors print what they do with a leading dot. Their own lines go to the workers on a cluster; inline they tell
that, and in which order, the calls ran.
"""

from __future__ import annotations

import inspect
import re

from tests.fuzz import computing, helpers

_HELPERS = ("Bag", "failing", "later", "pulled", "quiet", "reach", "settled", "show", "tick", "total")
_UNITS = {
    "f": """\
@ray.remote
def f(x=0, *rest, **named):
    print(".f", total(x), total(rest), total(named))
    return total([x, rest, named])
""",
    "add": """\
@ray.remote
def add(x, y=1):
    print(".add", total(x), total(y))
    return total(x) + total(y)
""",
    "less": """\
@ray.remote
def less(x=0, y=1):
    if isinstance(x, int) and isinstance(y, int):
        return [x - y, 6 // y]
    return [len(str(type(x)))]
""",
    "scale": """\
@ray.remote(num_cpus=0.5, max_retries=0)
def scale(x, *, by=2):
    print(".scale", total(x), total(by))
    return total(x) * total(by)
""",
    "deep": """\
@ray.remote
def deep(x=0, *rest):
    print(".deep", reach(x))
    return reach([x, *rest])
""",
    "boom": """\
@ray.remote
def boom(x, *rest):
    print(".boom", total(x))
    if total(x) % 2:
        raise ValueError(total(x))
    return total(x)
""",
    "pair": """\
@ray.remote
def pair(x=0):
    print(".pair", total(x))
    return [total(x), 1]
""",
    "grow": """\
@ray.remote
def grow(items, more=1):
    print(".grow", total(items), total(more))
    if isinstance(items, list):
        items.append(total(more))
    return items
""",
    "ramp": """\
@ray.remote
def ramp(x=2):
    print(".ramp", total(x))
    return np.arange(total(x) % 4 + 1)
""",
    "stain": """\
@ray.remote
def stain(array, by=1):
    print(".stain", total(array), total(by))
    try:
        array[0] = total(by)
    except (ValueError, TypeError, IndexError) as error:
        return len(type(error).__name__)
    return array
""",
    "two": """\
@ray.remote(num_returns=2)
def two(x=0):
    print(".two", total(x))
    return total(x), total(x) + 1
""",
    "through": """\
@ray.remote
def through(actor, x=0):
    print(".through", total(x))
    return ray.get(actor.add.remote(x))
""",
    "spread": """\
@ray.remote
def spread(x=0, *rest):
    print(".spread", total(x))
    refs = [add.remote(x, i) for i in range(total(x) % 3)]
    return sum(ray.get(refs))
""",
    "stream": """\
@ray.remote
def stream(x=0):
    print(".stream", total(x))
    for i in range(total(x) % 3):
        yield i
""",
    "Log": """\
@ray.remote
class Log:
    def __init__(self, start=0, *more, **named):
        print(".Log", total(start), total(more), total(named))
        self.items = [total([start, more, named])]

    def add(self, *values, **named):
        print(".Log.add", total(values), total(named))
        self.items.append(total([values, named]))
        return len(self.items)

    def fail(self, x=0):
        print(".Log.fail", total(x))
        self.items.append(-1)
        raise KeyError(total(x))

    def read(self):
        return self.items
""",
    "Counter": """\
@ray.remote(num_cpus=0)
class Counter:
    def __init__(self, n=0):
        print(".Counter", total(n))
        self.n = total(n)

    def add(self, by=1, *rest):
        print(".Counter.add", self.n, total(by))
        self.n = (self.n * 2 + total([by, *rest])) % 1009
        return self.n

    def fail(self, x=0):
        self.n += 1
        raise KeyError(total(x))

    def read(self):
        return self.n
""",
    "Frail": """\
@ray.remote
class Frail:
    def __init__(self, x=0):
        if total(x) % 2:
            raise ValueError("frail")
        self.x = total(x)

    def add(self, by=1):
        self.x += total(by)
        return self.x

    def read(self):
        return self.x
""",
    "tools": """\
tools = {"f": f, "add": add}
""",
    "limit": """\
limit = 2
""",
    "made": """\
made = ray.remote(total)
""",
    **computing.UNITS,
}
_MODULES = {
    "collections": "import collections",
    "np": "import numpy as np",
    "contextlib": "import contextlib",
    "asyncio": "import asyncio",
    "time": "import time",
}
_WORD = re.compile(r"[A-Za-z_]\w*")


def with_prelude(lines: list[str], alone: bool) -> str:
    """The source of a program: imports, the definitions that its lines need, and the lines.

    A program that is to stand `alone` has the plain helpers defined, not imported.
    """
    text = "\n".join(lines)
    wanted = set(_WORD.findall(text))
    units: list[str] = []
    for name in reversed(_UNITS):
        # A unit uses none that is listed after it.
        if name in wanted:
            units.insert(0, _UNITS[name])
            wanted |= set(_WORD.findall(_UNITS[name]))
    found = {name for name in _HELPERS if name in wanted}
    imported = ""
    if alone:
        found |= {"settled", "Bag", "total"} if "show" in found else set()
        found |= {"total"} if "reach" in found else set()
        sources = [inspect.getsource(getattr(helpers, name)) for name in _HELPERS if name in found]
        wanted |= {word for source in sources for word in _WORD.findall(source)}
        units = [*sources, *units]
    elif found:
        imported = f"from tests.fuzz.helpers import {', '.join(sorted(found))}\n"
    imports = ["import ray", *(line for name, line in _MODULES.items() if name in wanted)]
    return "\n\n".join(["\n".join(imports) + "\n" + imported, *units, text]).rstrip("\n") + "\n"
