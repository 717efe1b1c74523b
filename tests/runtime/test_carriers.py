"""Groups of short members whose refs the program holds: each ref is what the member's own task would have given."""

from __future__ import annotations

import collections
import os
import time
from typing import Any

import numpy as np
import pytest
import ray

import rayinfer.inferred as ri
from rayinfer.runtime import bundles, carriers, cluster, group
from rayinfer.runtime.task_nodes import Map

pytestmark = [pytest.mark.usefixtures("cluster"), pytest.mark.timeout(240)]
MANY = 300
KEPT = np.zeros(20_000)
TOOLS = {"end": os._exit}


@ray.remote
def square(x, *, offset=0):
    return x * x + offset


@ray.remote
def fail_on(x, bad):
    if x in (bad, bad + 1):
        raise ValueError(f"bad {x}")
    return x


@ray.remote
def kept_array(x):
    KEPT[0] = x
    return KEPT


@ray.remote
def vector_of(x):
    return np.full(20_000, x), os.getpid()


@ray.remote
def sleep_at(x, at):
    time.sleep(2.0 if x == at else 0.0)
    return x


@ray.remote(max_retries=1)
def end_at(x, at):
    if x == at:
        TOOLS["end"](1)
    return x


@ray.remote(max_retries=0)
def never_again(x):
    return x


@ray.remote
def reads(path):
    with open(path) as file:
        return file.read()


@ray.remote
def add_up(*values):
    return sum(values)


@pytest.fixture(autouse=True)
def fresh():
    """Nothing is known yet of how long tasks take."""
    bundles._chains.clear()


def chain_of(node: Map):
    return carriers.chain_to_carry([node], node.size, cluster.view())


def carried(make) -> list:
    """The refs of a group whose members are known to be short."""
    node = make()
    chain = bundles.chain_of([node], [carriers.info(node.task)])
    chain.pace.note(1e-3, 10)
    chain.carried = True
    refs = ri.evaluate(node)
    assert all(type(ref) is ray.ObjectRef for ref in refs)
    assert len(set(refs)) == len(refs)
    assert len({ref.task_id() for ref in refs}) < len(refs) / 2
    return refs


def test_refs_are_of_their_members() -> None:
    refs = carried(lambda: ri.Map(square, None, (ri.call(i, offset=1) for i in range(MANY))))
    assert ray.get(refs) == [i * i + 1 for i in range(MANY)]
    assert ray.get(square.remote(refs[7])) == 50**2
    waiting, found = refs, []
    while waiting:
        ready, waiting = ray.wait(waiting, num_returns=min(10, len(waiting)))
        found += ray.get(ready)
    assert sorted(found) == [i * i + 1 for i in range(MANY)]


def test_a_group_that_one_task_takes_whole_is_carried_and_holds_no_room() -> None:
    many = ri.Map(square, None, (ri.call(i) for i in range(MANY)))
    chain = bundles.chain_of([many], [carriers.info(square)])
    chain.pace.note(1e-3, 10)
    chain.carried = True
    total = ri.Broadcast(add_up, 1, *ri.each(many))
    ri.evaluate(keep=[many, total])
    assert len({ref.task_id() for ref in many.refs}) < MANY / 2
    assert ray.get(total.value()) == sum(i * i for i in range(MANY))
    assert many.group_id not in group._history.placements
    assert many.group_id not in group._history.running


def test_a_task_seen_for_the_first_time_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carriers, "_cancels", lambda: False)
    for _ in range(3):
        node = ri.Map(square, None, (ri.call(i) for i in range(MANY)))
        chain = chain_of(node)
        assert ray.get(ri.evaluate(node)) == [i * i for i in range(MANY)]
    deadline = time.monotonic() + 60
    while chain.pace.mean is None and time.monotonic() < deadline:
        time.sleep(0.1)
    assert chain.pace.mean


def test_an_error_is_that_of_its_member_alone() -> None:
    plain = fail_on.remote(50, 50)
    refs = carried(lambda: ri.Map(fail_on, None, (ri.call(i, 50) for i in range(MANY))))
    assert ray.get(refs[:50]) == list(range(50))
    assert ray.get(refs[52:]) == list(range(52, MANY))
    for number in (50, 51):
        with pytest.raises(ValueError, match=f"bad {number}") as found:
            ray.get(refs[number])
        assert isinstance(found.value, ray.exceptions.RayTaskError)
    with pytest.raises(ValueError, match="bad 50") as expected:
        ray.get(plain)
    with pytest.raises(ValueError, match="bad 50") as found:
        ray.get(refs)
    assert type(found.value).__name__ == type(expected.value).__name__
    assert str(found.value).splitlines()[-2:] == str(expected.value).splitlines()[-2:]
    assert "worker.py" not in str(found.value)
    # A task that takes what failed fails with it.
    with pytest.raises(ValueError, match="bad 51"):
        ray.get(square.remote(refs[51]))


def test_results_are_as_of_their_members_end() -> None:
    found = ray.get(carried(lambda: ri.Map(kept_array, None, (ri.call(i) for i in range(40 * 5)))))
    assert [array[0] for array in found] == list(range(200))
    assert not any(array.flags.writeable for array in found)


def test_carriers_of_large_results_are_small_and_end_where_they_began() -> None:
    refs = carried(lambda: ri.Map(vector_of, None, (ri.call(i) for i in range(MANY))))
    chain = next(iter(bundles._chains.values()))
    # Until enough is known of members that really ran: the fixture tells of ten that gave nothing.
    deadline = time.monotonic() + 60
    while chain.pace.bytes < 80_000 * chain.pace.members:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    refs += ri.evaluate(ri.Map(vector_of, None, (ri.call(i) for i in range(MANY))))
    found = ray.get(refs)
    assert [array[0] for array, _ in found] == [*range(MANY), *range(MANY)]
    processes: dict[Any, set[int]] = {}
    for ref, (_, process) in zip(refs, found, strict=True):
        processes.setdefault(ref.task_id(), set()).add(process)
    assert all(len(several) == 1 for several in processes.values())
    assert max(collections.Counter(ref.task_id() for ref in refs[MANY:]).values()) <= (1 << 20) // 80_000


def test_members_behind_a_long_one_run_elsewhere() -> None:
    refs = carried(lambda: ri.Map(sleep_at, None, (ri.call(i, 3) for i in range(MANY))))
    assert ray.get(refs) == list(range(MANY))
    node = ri.Map(sleep_at, None, (ri.call(i, 3) for i in range(MANY)))
    chain = chain_of(node)
    assert ray.get(ri.evaluate(node)) == list(range(MANY))
    assert chain.pace.longest > carriers.LONGEST_SECONDS, "the next ones go alone"


def test_a_member_that_ends_its_process_fails_alone() -> None:
    refs = carried(lambda: ri.Map(end_at, None, (ri.call(i, 5) for i in range(MANY))))
    with pytest.raises(ray.exceptions.WorkerCrashedError):
        ray.get(refs[5])
    assert ray.get(refs[:5]) == list(range(5))
    assert ray.get(refs[6:]) == list(range(6, MANY))


def test_cancelling_one_member_leaves_its_neighbours_alone() -> None:
    refs = carried(lambda: ri.Map(square, None, (ri.call(i) for i in range(MANY))))
    ray.cancel(refs[0])
    ray.cancel(refs[-1], force=True)
    assert ray.get(refs) == [i * i for i in range(MANY)]
    # It cannot begin, so that cancelling it never comes too late.
    alone = sleep_at.options(num_cpus=1000).remote(0, 0)
    ray.cancel(alone)
    with pytest.raises(ray.exceptions.TaskCancelledError):
        ray.get(alone)


def test_what_does_more_than_compute_goes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    # This file mentions `cancel`, as a program may that cancels a member.
    assert chain_of(ri.Map(square, None, (ri.call(i) for i in range(MANY)))) is None
    monkeypatch.setattr(carriers, "_cancels", lambda: False)
    bundles._chains.clear()
    assert chain_of(ri.Map(square, None, (ri.call(i) for i in range(MANY)))) is not None
    for task, args in ((reads, ("x",)), (never_again, (1,)), (square, (np.zeros(3),)), (square, ("x" * 5000,))):
        assert chain_of(ri.Map(task, None, (ri.call(*args) for _ in range(MANY)))) is None
    assert chain_of(ri.Map(square, None, (ri.call(ray.put(i)) for i in range(MANY)))) is None
    assert chain_of(ri.Map(square, None, (ri.call(i) for i in range(3)))) is None
    ri.evaluate()
