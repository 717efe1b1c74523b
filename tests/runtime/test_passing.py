"""Values that are got only to be passed on: a large one stays where it is, and every call finds the same."""

from __future__ import annotations

import collections
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import ray

import rayinfer.inferred as ri
from benchmarks.object_store import Stores
from rayinfer.compiler import compile_source
from tests.cases import running

pytestmark = [pytest.mark.usefixtures("cluster"), pytest.mark.timeout(240)]
LARGE = 200_000  # float64 values
PROGRAM = f"""\
import numpy as np
import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

# Copies between nodes are none of this.
HERE = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)


@ray.remote(num_cpus=0, scheduling_strategy=HERE)
def make(n):
    return np.arange(n)


@ray.remote(num_cpus=0, scheduling_strategy=HERE)
def grown(xs, ys):
    xs.append(1)
    return xs is ys, len(xs), len(ys)


@ray.remote(num_cpus=0, scheduling_strategy=HERE)
def repeated(n):
    return list(range(n))


@ray.remote(num_cpus=0, scheduling_strategy=HERE)
def look(x, k=0):
    return type(x).__name__, x.flags.writeable, int(x.sum()) + k


@ray.remote(num_cpus=0, scheduling_strategy=HERE)
def kind(x):
    return type(x).__name__


@ray.remote(num_cpus=0, scheduling_strategy=HERE)
def stored(n):
    return ray.put(np.arange(n))


@ray.remote(num_cpus=0, scheduling_strategy=HERE)
def fail(n):
    raise ValueError(n)


@ray.remote(num_cpus=0, scheduling_strategy=HERE)
class Keeper:
    def __init__(self, x):
        self.kept = [x]

    def keep(self, x):
        self.kept.append(x)
        return len(self.kept)

    def total(self):
        return [int(x.sum()) for x in self.kept]


def tasks(n):
    y = ray.get(make.remote(n))
    return ray.get([look.remote(y, k) for k in range(4)])


def inside(n):
    return ray.get([look.remote(ray.get(make.remote(n))) for _ in range(2)])


def lists(n):
    refs = [make.remote(n + i) for i in range(3)]
    ray.wait(refs, num_returns=3)
    values = ray.get(refs)
    return [ray.get(look.remote(value, k=len(values))) for value in values]


def actors(n):
    y = ray.get(make.remote(n))
    keepers = [Keeper.remote(y) for _ in range(2)]
    ray.get([one.keep.remote(y) for one in keepers])
    return ray.get([one.total.remote() for one in keepers])


def twice(n):
    y = ray.get(repeated.remote(n))
    return ray.get(grown.remote(y, y))


def refs(n):
    y = ray.get(stored.remote(n))
    more = [stored.remote(n) for _ in range(2)]
    ray.wait(more)
    z = ray.get(more)
    return ray.get(kind.remote(y)), [ray.get(kind.remote(one)) for one in z]


def failing(n):
    try:
        y = ray.get(make.remote(n))
        z = look.remote(ray.get(fail.remote(y)))
    except ValueError:
        return "at the get"
    return ray.get(z)


for run in (tasks, inside, lists, actors, twice, refs, failing):
    print(run.__name__, run(10), run({LARGE}))
"""


@pytest.mark.parametrize("backend", ["group", "vanilla"])
def test_program_runs_the_same_and_stores_less(backend: str, tmp_path: Path) -> None:
    case = tmp_path / "program.py"
    case.write_text(PROGRAM)
    result = compile_source(case.read_bytes(), case.name)
    assert result.output.count(b", to=[") == 9
    stores = Stores()
    made = [stores.look()[1]]
    outputs = []
    for run in (lambda: running.plain_cluster(case), lambda: running.rewritten_cluster(result, case, backend=backend)):
        outputs.append(run())
        made.append(stores.look()[1])
    assert outputs[0] == outputs[1]
    assert len(outputs[0][1].splitlines()) == 7
    plain, rewritten = made[1] - made[0], made[2] - made[1]
    size = 8 * LARGE
    # In the plain program each call that takes a large value stores its own.
    assert plain - rewritten >= 12 * size


@ray.remote(num_cpus=0)
def make(n: int) -> Any:
    return np.arange(n)


@ray.remote(num_cpus=0)
def refs_of(n: int) -> Any:
    return [ray.put(np.arange(n))]


@ray.remote(num_cpus=0)
def take(x: Any) -> int:
    return len(x)


class Box:
    """Of a script, a class is pickled with what it holds when that is done."""

    def __init__(self) -> None:
        self.values = list(range(LARGE))


class Looks:
    def remote(self, x: Any) -> None:
        """Look at the argument."""


@ray.remote(num_cpus=0)
def give(x: Any) -> Any:
    return x


def test_only_large_values_are_passed_on_by_ref() -> None:
    for value in (None, 1, "a" * 10, [1, 2], np.arange(10), ray.put(1)):
        assert type(ri.passed(give.remote([value]), to=[take])) is list
    for value in (np.arange(LARGE), "a" * LARGE, list(range(LARGE)), {"w": [np.arange(LARGE)]}):
        ref = give.remote(value)
        assert ri.passed(ref, to=[take]) == ref
    small, large = make.remote(1), make.remote(LARGE)
    found = ri.passed_each([small, large, small], to=[take])
    assert [type(one) is ray.ObjectRef for one in found] == [False, True, False]
    assert ray.get([take.remote(one) for one in found]) == [1, LARGE, 1]


def test_values_that_could_tell_are_passed_on_themselves() -> None:
    (of_another,) = ray.get(refs_of.remote(LARGE))
    assert type(ri.passed(of_another, to=[take])) is np.ndarray
    many = [[(number,) for number in range(LARGE)]]
    for value in (Box(), [[Box()] * 2], {"w": (np.arange(LARGE), Box)}, collections.deque([Box()]), many):
        assert type(ri.passed(give.remote(value), to=[take])) is type(value)
    objects = np.array([Box(), *range(LARGE)])
    assert type(ri.passed(give.remote(objects), to=[take])) is np.ndarray
    # What is got is a list itself, and no list of refs.
    assert type(ri.passed([make.remote(LARGE)], to=[take])) is list
    assert type(ri.passed_each(give.remote([list(range(LARGE))]), to=[take])[0]) is list


def test_what_is_not_rays_is_given_the_value(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "rayinfer"):
        assert type(ri.passed(make.remote(LARGE), to=[take, Looks()])) is np.ndarray
    assert [record.getMessage().split()[1] for record in caplog.records] == ["RI401"]


def test_values_of_a_group_are_passed_on_where_they_have_refs() -> None:
    values = ri.get(ri.Map(make, None, (ri.call(LARGE) for _ in range(4))), to=[take])
    assert ray.get([take.remote(value) for value in values]) == [LARGE] * 4
    assert any(type(value) is ray.ObjectRef for value in values)
