"""Functions of generated programs that make values: most only compute, and some do a little more."""

from __future__ import annotations

from tests.fuzz.state import State

# Each is defined in a program that names it; one that another calls comes first.
UNITS = {
    "factor": """\
factor = 3
""",
    "weights": """\
weights = {"a": [1, 2], "b": 5}
""",
    "kind": """\
def kind(x, *more):
    return type(x).__name__
""",
    "gauge": """\
def gauge(x):
    return len(x) if isinstance(x, (list, dict, tuple)) else 0
""",
    "packed": """\
def packed(x, *more):
    found = [x, factor]
    for one in more:
        found.append(one)
    table = {}
    table["k"] = gauge(found)
    return [found, table]
""",
    "picked": """\
def picked(xs, i=0):
    if isinstance(xs, (list, tuple)) and xs:
        return xs[i % len(xs)]
    return xs
""",
    "weighed": """\
def weighed(x):
    total_weight = 0
    for name in sorted(weights):
        total_weight += gauge(weights[name])
    return [weights["a"], total_weight, x]
""",
    "checked": """\
def checked(x):
    if gauge(x) == 2 or x is None:
        raise ValueError(gauge(x))
    return x
""",
    "first_of": """\
def first_of(xs):
    for x in xs if isinstance(xs, (list, tuple)) else [xs]:
        return x
    return None
""",
    "stretched": """\
def stretched(xs, by=1):
    if isinstance(xs, list):
        xs += [by]
    return xs
""",
    "noisy": """\
def noisy(x):
    print("noisy", kind(x))
    return x
""",
    "turned": """\
turns = []


def turned(x):
    turns.append(gauge(x))
    return len(turns)
""",
    "behind": """\
def behind(x):
    return picked(turned(x))
""",
}
_OF_ANY = ("kind", "gauge", "packed", "picked", "weighed", "first_of")
_ACTING = ("stretched", "noisy", "turned", "behind")


def computed(s: State, given: str) -> str:
    """A call of one of these functions with what an expression gives."""
    names = [name for name in _OF_ANY for _ in range(4)] + [*_ACTING] + (["checked"] * 4 if s.risky else [])
    return f"{s.pick(names)}({given})"
