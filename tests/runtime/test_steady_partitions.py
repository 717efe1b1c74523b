"""Steady loops that partition: tasks with several results, measured and on executors, as plain Ray would run them."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import ray

import rayinfer.inferred as ri
from rayinfer.compiler import compile_source
from rayinfer.runtime import bundles, modes, regions
from rayinfer.runtime.observer import Observer
from rayinfer.runtime.plan import single
from rayinfer.runtime.regions import Batch
from rayinfer.runtime.task_nodes import Map
from tests.cases import running
from tests.runtime.steady import executors_at_once, ready_executors
from tests.runtime.test_several_results import as_many, in_text, numbered, one_value, outcome, three, unpicklable

pytestmark = [pytest.mark.usefixtures("cluster"), pytest.mark.timeout(240)]
TOOLS: dict[str, Any] = {"end": os._exit}


def _items(x, count, bad):
    for i in range(count):
        if i == bad:
            raise KeyError(x)
        yield np.full(20_000, x + i)


@ray.remote(num_returns=3)
def yielded(x, count, bad=-1):
    return _items(x, count, bad)


@ray.remote(num_returns=2)
def halves(x):
    if x % 7 == 5:
        raise ValueError(f"bad {x}")
    return [x], [10 * x]


@ray.remote(num_returns=2, max_retries=1)
def ends_once(path, x):
    if x == 5 and not os.path.exists(path):
        with open(path, "w"):
            pass
        TOOLS["end"](1)
    return x, -x


@ray.remote
def total(*parts):
    return sum(map(sum, parts))


@ray.remote
def pair(values):
    return values[:1], values[1:]


@ray.remote(num_cpus=0)
class Log:
    def __init__(self):
        self.entries = []

    def add(self, *entries):
        self.entries.append(entries)

    def get(self):
        return self.entries


@pytest.fixture(autouse=True)
def fresh() -> None:
    """Nothing is known yet of how long tasks take."""
    bundles._chains.clear()


def without_name(found: Any) -> Any:
    """An outcome but for the name that an error's first line calls its task by, which on an executor is another."""
    if type(found) is tuple and len(found) == 3 and type(found[1]) is str:
        return found[0], re.sub("ray::.*", "ray::", found[1]), found[2]
    return found


def outcomes(refs: list[Any]) -> list[Any]:
    assert all(type(ref) is ray.ObjectRef for ref in refs)
    return [without_name(outcome(ref)) for ref in refs]


@pytest.mark.parametrize(
    ("task", "args"),
    [
        (three, ()),
        (as_many, (2,)),
        (as_many, (1,)),
        (as_many, (3,)),
        (as_many, (0,)),
        (one_value, ()),
        (in_text, ()),
        *((yielded, args) for args in ((3,), (2,), (0,), (5,), (5, 0), (5, 1), (5, 3))),
        (unpicklable, ()),
    ],
)
def test_each_ref_is_what_plain_ray_gives(task: Any, args: Any) -> None:
    plain = outcomes(task.remote(10, *args))
    node = Map(task, None, [ri.call(10, *args)])
    fused = single(node, Batch([[node, 0, 1]]), 1)
    assert fused is not None
    message = fused.chain.message([node], 0)
    *refs, seconds = fused.chain.on(None, timed=True).remote(fused.chain.returns, *message)
    assert outcomes(refs) == plain
    lists_error = any(type(found) is tuple and len(found) == 3 for found in plain)
    if not lists_error and args not in ((5,), (5, 3)):
        assert 0 <= max(ray.get(seconds)) < 60
    else:
        with pytest.raises(ray.exceptions.RayTaskError):
            ray.get(seconds)
    slot = ready_executors(1)[0]
    assert outcomes(slot.begin(fused.chain.retries, fused.chain.returns, message)) == plain
    slot.done()


_PROGRAM = """\
import time

import numpy as np
import ray


def pieces(x, count):
    for i in range(count):
        if x % 9 == 7 and i == 2:
            raise ValueError(f"bad {x}")
        yield np.arange(x, x + i)


@ray.remote(num_returns=3)
def split(x):
    return pieces(x, 2 if x % 11 == 5 else 3)


@ray.remote
def total(*parts):
    return int(sum(part.sum() for part in parts))


@ray.remote(num_cpus=0)
class Column:
    def __init__(self):
        self.seen = []

    def add(self, *parts):
        self.seen.append([part.tolist() for part in parts])

    def get(self):
        return self.seen


def main(rounds):
    columns = [Column.remote() for _ in range(2)]
    for tick in range(rounds):
        maps = [split.remote(tick + x) for x in range(2)]
        sums = [total.remote(*[m[i] for m in maps]) for i in range(3)]
        for i, column in enumerate(columns):
            column.add.remote(*[m[i] for m in maps])
        try:
            print(ray.get(sums))
        except ValueError as error:
            print(type(error).__name__, str(error).splitlines()[-1])
        time.sleep(0.02)
    for column in columns:
        print(ray.get(column.get.remote()))


main(30)
"""


def test_a_whole_program_with_mistakes_prints_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = executors_at_once(monkeypatch)
    ready_executors(1)
    case = tmp_path / "partitions.py"
    case.write_text(_PROGRAM)
    result = compile_source(case.read_bytes(), case.name)
    assert result.changed
    plain = running.plain_cluster(case)
    assert plain[0] == 0 and "bad 7" in plain[1] and "Task returned 2 objects" in plain[1], plain
    assert running.rewritten_cluster(result, case) == plain
    assert len(begun) > 20


def until_ended(log: Any, count: int) -> None:
    assert len(ray.get(log.get.remote(), timeout=90)) == count


def test_a_loop_whose_actors_and_tasks_take_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = executors_at_once(monkeypatch)
    ready_executors(1)
    observer = Observer()
    monkeypatch.setattr(regions, "observer", observer)
    split = as_many.options(num_returns=3)
    log, expected = Log.remote(), []
    for tick in range(20):
        maps = ri.Map(None, None, (ri.of(split)(10 * tick + x, count=3) for x in range(2)))
        ri.ReduceActors("add", None, maps, (ri.of(log, "add")(*[m[i] for m in ri.each(maps)]) for i in range(3)))
        ri.evaluate()
        expected += [tuple(10 * tick + x + i for x in range(2)) for i in range(3)]
        until_ended(log, 3 * tick + 3)
    assert ray.get(log.get.remote()) == expected
    assert not observer.look(), "all have ended"
    seen = [one for one in observer.submissions if one.kind == "Map"]
    assert {(one.members, *(len(sent.gives) for sent in one.sent)) for one in seen} == {(2, 3, 3)}
    # At first as tasks, then with one of them measured, then on executors as far as these are idle.
    found = [one.mode for one in seen]
    assert found[:2] == ["plain", "bundle"] and {"executor", "executors in part"} & set(found)
    assert begun
    (chain,) = (chain for chain in bundles._chains.values() if chain.returns == 3)
    site = modes.site_of(chain, 2)
    assert site.rounds == 20 and site.seconds and site.is_short


def test_errors_in_some_rounds_are_those_of_plain_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = executors_at_once(monkeypatch)
    ready_executors(1)

    failed_on_executors = 0
    for tick in range(24):
        before = len(begun)
        maps = ri.Map(None, None, (ri.of(halves)(tick + x) for x in range(2)))
        sums = ri.Map(total, maps, (ri.call(*[m[i] for m in ri.each(maps)]) for i in range(2)))
        found: Any
        try:
            found = ri.get(sums)
        except ValueError as error:
            found = told(error)
            failed_on_executors += len(begun) > before
        plain = [halves.remote(tick + x) for x in range(2)]
        try:
            expected = ray.get([total.remote(*[row[i] for row in plain]) for i in range(2)])
        except ValueError as error:
            expected = told(error)
        assert found == expected
    assert failed_on_executors


def told(error: Exception) -> Any:
    """The classes of an error, its last line, and the lines of this file that it names."""
    text = str(error).splitlines()
    return [kind.__name__ for kind in type(error).__mro__], text[-1], [line for line in text if __file__ in line]


def test_a_chain_that_ends_in_several_results(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = executors_at_once(monkeypatch)
    ready_executors(1)
    two, log = pair.options(num_returns=2), Log.remote()
    for tick in range(16):
        first = ri.Map(numbered, None, (ri.call(10 + tick + x) for x in range(2)))
        maps = ri.Map(None, None, (ri.of(two)(m) for m in ri.each(first)))
        ri.ReduceActors("add", None, maps, (ri.of(log, "add")(*[m[i] for m in ri.each(maps)]) for i in range(2)))
        ri.evaluate()
        until_ended(log, 2 * tick + 2)
    assert ray.get(log.get.remote()) == [
        tuple([s * (10 + tick + x)] for x in range(2)) for tick in range(16) for s in (1, 10)
    ]
    assert begun


def rounds_of(task: Any, *before: Any) -> list[Any]:
    """What an actor gets of twelve rounds, which end one after the other."""
    log = Log.remote()
    for tick in range(12):
        maps = ri.Map(None, None, (ri.of(task)(*before, tick + x) for x in range(2)))
        ri.ReduceActors("add", None, maps, (ri.of(log, "add")(*[m[i] for m in ri.each(maps)]) for i in range(2)))
        ri.evaluate()
        until_ended(log, 2 * tick + 2)
    return ray.get(log.get.remote())


def test_a_bundle_runs_again_when_its_executor_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = executors_at_once(monkeypatch)
    ready_executors(1)
    expected = [(s * tick, s * (tick + 1)) for tick in range(12) for s in (1, -1)]
    assert rounds_of(ends_once, str(tmp_path / "ended")) == expected
    assert (tmp_path / "ended").exists()
    assert begun and {retries for _, retries in begun} == {1}


def test_what_may_run_only_once_goes_to_no_executor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = executors_at_once(monkeypatch)
    ready_executors(1)
    (tmp_path / "ended").touch()
    rounds_of(ends_once.options(num_returns=2, max_retries=0), str(tmp_path / "ended"))
    assert not begun


def test_refs_that_leave_the_region_are_of_tasks_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = executors_at_once(monkeypatch)
    ready_executors(1)
    for tick in range(12):
        rows = ri.evaluate(ri.Map(None, None, (ri.of(as_many)(tick + x, 2) for x in range(2))))
        assert [ray.get(row) for row in rows] == [[tick + x, tick + x + 1] for x in range(2)]
        assert len({ref.task_id() for row in rows for ref in row}) == 2
    assert not begun
