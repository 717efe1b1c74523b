"""Chains of short tasks whose last refs the program holds: many of them go as one task, and each ref is its chain's."""

from __future__ import annotations

import os
import time
from typing import Any

import pytest
import ray

import rayinfer.inferred as ri
from rayinfer.runtime import bundles, carriers, cluster

pytestmark = [pytest.mark.usefixtures("cluster"), pytest.mark.timeout(240)]
MANY = 300
TOOLS = {"end": os._exit}


@ray.remote
def first(x):
    if x == 50:
        raise ValueError(f"first {x}")
    return [x]


@ray.remote
def second(values, *, add=0):
    if values == [60]:
        raise KeyError("second")
    values.append(add)
    return values


@ray.remote
def third(values, more):
    return sum(values) + more


@ray.remote
def two(values):
    return values[0], values


two_results = two.options(num_returns=2)


@ray.remote(max_retries=1)
def end_at(x):
    if x == 5:
        TOOLS["end"](1)
    return [x]


@ray.remote(max_retries=1)
def double(values):
    return values * 2


@ray.remote
def reads(values):
    with open("/dev/null") as file:
        return values, file.read()


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is known yet of how long tasks take, and other tests' `cancel` is none of this program."""
    bundles._chains.clear()
    monkeypatch.setattr(carriers, "_cancels", lambda: False)


def chained(*steps: Any, head: Any = first, values: Any = range(MANY), prepare: Any = None) -> list[Any]:
    """What the last group of a chain gives: of `head`, and of each step over the group before it.

    A step may come with what else its members take. `prepare` takes the groups before they are evaluated.
    """
    # Groups that the frame evaluating them did not make are not its to fuse.
    nodes = [ri.Map(head, None, (ri.call(x) for x in values))]
    for step in steps:
        task, args, kwargs = step if type(step) is tuple else (step, (), {})
        nodes.append(ri.Map(task, nodes[-1], (ri.call(one, *args, **kwargs) for one in ri.each(nodes[-1]))))
    if prepare is not None:
        prepare(nodes)
    return ri.evaluate(nodes[-1])


def to_carry(nodes: list[Any]) -> Any:
    """The chain of these groups, if it may be carried."""
    return carriers.chain_to_carry(nodes, nodes[-1].size, cluster.view())


def known(nodes: list[Any]) -> None:
    """Have a chain known to be short, and to do nothing but compute."""
    found = bundles.chain_of(nodes, [carriers.info(node.task) for node in nodes])
    found.pace.note(1e-3, 10)
    found.carried = True


def carried(*steps: Any, head: Any = first, values: Any = range(MANY)) -> list[Any]:
    """The refs of a chain that is known to be short: most of them share tasks."""
    refs = chained(*steps, head=head, values=values, prepare=known)
    heads = [ref[0] if type(ref) is list else ref for ref in refs]
    assert len(set(heads)) == len(values)
    assert len({ref.task_id() for ref in heads}) < len(values) / 2
    return refs


def test_each_ref_is_that_of_its_own_chain() -> None:
    values = [x for x in range(MANY) if x not in (50, 60)]
    refs = carried((second, (), {"add": 2}), (third, (10,), {}), values=values)
    assert ray.get(refs) == [x + 12 for x in values]
    assert ray.get(third.remote([1], refs[3])) == 16
    waiting, found = refs, []
    while waiting:
        ready, waiting = ray.wait(waiting, num_returns=min(10, len(waiting)))
        found += ray.get(ready)
    assert sorted(found) == [x + 12 for x in values]


def test_an_error_of_a_step_is_that_of_its_chain_alone() -> None:
    refs = carried(second)
    for number, error, plain in ((50, ValueError, first.remote(50)), (60, KeyError, second.remote([60]))):
        with pytest.raises(error) as found:
            ray.get(refs[number])
        with pytest.raises(error) as expected:
            ray.get(plain)
        assert isinstance(found.value, ray.exceptions.RayTaskError)
        assert type(found.value).__name__ == type(expected.value).__name__
        assert str(found.value).splitlines()[-2:] == str(expected.value).splitlines()[-2:]
        with pytest.raises(error):
            ray.get(third.remote(refs[number], 1))
    others = [x for x in range(MANY) if x not in (50, 60)]
    assert ray.get([refs[x] for x in others]) == [[x, 0] for x in others]


def test_several_results_of_the_last_step_are_refs_each() -> None:
    values = range(100, 100 + MANY)
    refs = carried(second, two_results, values=values)
    assert [ray.get(one) for one in refs] == [[x, [x, 0]] for x in values]


def test_a_chain_that_ends_its_process_fails_alone() -> None:
    refs = carried(double, head=end_at)
    with pytest.raises(ray.exceptions.WorkerCrashedError):
        ray.get(refs[5])
    assert ray.get(refs[:5] + refs[6:]) == [[x, x] for x in range(MANY) if x != 5]


def test_chains_seen_for_the_first_time_are_measured_and_then_carried() -> None:
    values = range(100, 100 + MANY)
    deadline = time.monotonic() + 60
    found = []
    while True:
        refs = chained(second, values=values, prepare=lambda nodes: found.append(to_carry(nodes)))
        assert ray.get(refs) == [[x, 0] for x in values]
        if len({ref.task_id() for ref in refs}) < MANY / 2:
            break
        assert time.monotonic() < deadline
    assert found[-1].pace.mean


def test_what_does_more_than_compute_or_takes_what_others_hold_goes_alone() -> None:
    put = ray.put(3)
    other = ri.Map(first, None, (ri.call(x) for x in range(100, 100 + MANY)))
    ri.evaluate(keep=[other])
    cases = [
        [reads],
        [(third, (put,), {})],
        [(third, (other[0],), {})],
        [(third, ("x" * 5000,), {})],
    ]
    found: list[Any] = []
    for steps in cases:
        refs = chained(*steps, prepare=lambda nodes: found.append(to_carry(nodes)))
        assert len({ref.task_id() for ref in refs}) == MANY
    chained(second, values=range(3), prepare=lambda nodes: found.append(to_carry(nodes)))
    assert found == [None] * (len(cases) + 1)
    first_taken = ri.Map(second, other, (ri.call(one) for one in ri.each(other)))
    then = ri.Map(third, first_taken, (ri.call(one, 1) for one in ri.each(first_taken)))
    assert to_carry([first_taken, then]) is None
    assert ray.get(ri.evaluate(then)[:2]) == [101, 102]
