"""Packs: that short bundles of a steady loop go together, give what they gave alone, and that others do not."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import ray
from hypothesis import given
from hypothesis import strategies as st

import rayinfer.inferred as ri
from rayinfer.runtime import bundles, executors, modes, packs, slices
from tests.runtime.steady import executors_at_once, ready_executors

pytestmark = pytest.mark.timeout(240)
WIDTH, ROUNDS = 6, 12
# Where the compiler and the runtime do not look for it.
TOOLS = {"end": os._exit}


@ray.remote
def scaled(data, x):
    return data[0] * x


@ray.remote
def added(value, x):
    return value + x


@ray.remote
def picky(value, x):
    if x == 3:
        raise KeyError("three")
    return value + x


@ray.remote
def changed(data, x):
    data.append(x)
    return len(data), data


@ray.remote(num_returns=2)
def halves(value, x):
    return value, x


@ray.remote
def read_only(data, x):
    return data.flags.writeable, float(data.sum()) + x


@ray.remote
def meet(folder, x):
    with open(os.path.join(folder, str(x)), "w"):
        pass
    while len(os.listdir(folder)) % WIDTH:
        time.sleep(0.001)
    return x


@ray.remote(max_retries=0)
def only_once(value, x):
    return value + x


@ray.remote
def ends_once(path, now, x):
    if now and x == 3 and not os.path.exists(path):
        with open(path, "w"):
            pass
        TOOLS["end"](1)
    return x


@ray.remote
def given_list():
    return [2]


@ray.remote(num_cpus=0)
class Log:
    def __init__(self):
        self.entries = []

    def add(self, entry):
        self.entries.append(entry)

    def all(self, *entries):
        self.entries.append(entries)

    def get(self):
        return self.entries


@pytest.fixture(autouse=True)
def sent(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Nothing is known yet of how long tasks take, and every short one is worth packing; the sizes of packs."""
    bundles._chains.clear()
    monkeypatch.setattr(slices, "CALL_SECONDS", 1.0)
    monkeypatch.setattr(modes, "LONGEST_SECONDS", 2.0)
    # Other tests do.
    monkeypatch.setattr(packs.carriers, "_cancels", lambda: False)
    sizes: list[int] = []
    submit = packs.Packs.submit

    def noted(self: packs.Packs, members: list[int], *where: Any) -> list[Any]:
        sizes.append(len(members))
        return submit(self, members, *where)

    monkeypatch.setattr(packs.Packs, "submit", noted)
    return sizes


def logs(count: int = WIDTH) -> list[Any]:
    made = [Log.remote() for _ in range(count)]
    ray.get([log.get.remote() for log in made])
    return made


def rounds(second: Any, takers: list[Any], give: Callable[[int], Any], data: Any) -> list[list[Any]]:
    """What every actor got of a loop that runs a chain for each of them, round after round."""
    for number in range(ROUNDS):
        first = ri.Map(scaled, None, (ri.call(data, number + i) for i in range(WIDTH)))
        then = ri.Map(second, first, (ri.call(one, give(i)) for i, one in enumerate(ri.each(first))))
        ri.MapActors("add", takers, (ri.call(one) for one in ri.each(then)))
        ri.evaluate()
        ray.get([log.get.remote() for log in takers])
    return ray.get([log.get.remote() for log in takers])


def test_chains_of_a_steady_loop_go_together(sent: list[int]) -> None:
    data = given_list.remote()
    found = rounds(added, logs(), lambda i: 10 * i, data)
    assert found == [[2 * (number + i) + 10 * i for number in range(ROUNDS)] for i in range(WIDTH)]
    assert sent and max(sent) > 1


def test_a_member_that_fails_fails_alone(sent: list[int]) -> None:
    found = rounds(picky, logs(), lambda i: i, given_list.remote())
    assert found == [[] if i == 3 else [2 * (number + i) + i for number in range(ROUNDS)] for i in range(WIDTH)]
    assert sent


def test_the_error_of_a_member_is_that_of_its_task(sent: list[int]) -> None:
    data, takers = given_list.remote(), logs()
    for number in range(ROUNDS):
        first = ri.Map(scaled, None, (ri.call(data, number + i) for i in range(WIDTH)))
        then = ri.Map(picky, first, (ri.call(one, i) for i, one in enumerate(ri.each(first))))
        told = ri.MapActors("add", takers, (ri.call(one) for one in ri.each(then)))
        for i, ref in enumerate(ri.evaluate(told)):
            if i != 3:
                assert ray.get(ref) is None
                continue
            with pytest.raises(KeyError, match="three") as caught:
                ray.get(ref)
            assert "in picky" in str(caught.value)
    assert sent


def single_groups(task: Any, give: Callable[[int, int], tuple[Any, ...]]) -> list[list[Any]]:
    """The same of groups of one step."""
    takers = logs()
    for number in range(ROUNDS):
        made = ri.Map(task, None, (ri.call(*give(number, i)) for i in range(WIDTH)))
        ri.MapActors("add", takers, (ri.call(one) for one in ri.each(made)))
        ri.evaluate()
        ray.get([log.get.remote() for log in takers])
    return ray.get([log.get.remote() for log in takers])


def test_each_member_has_its_own_copy_of_what_all_take(sent: list[int]) -> None:
    data = given_list.remote()
    found = single_groups(changed, lambda _, i: (data, i))
    assert found == [[(2, [2, i])] * ROUNDS for i in range(WIDTH)]
    assert sent


def test_arrays_are_shared_and_read_only(sent: list[int]) -> None:
    data = ray.put(np.ones(50_000))
    found = single_groups(read_only, lambda number, i: (data, number * i))
    assert found == [[(False, 50_000.0 + number * i) for number in range(ROUNDS)] for i in range(WIDTH)]
    assert sent


def test_tasks_with_several_results(sent: list[int]) -> None:
    takers = logs(2)
    for number in range(ROUNDS):
        made = ri.Map(None, None, (ri.of(halves)(number, i) for i in range(WIDTH)))
        ri.ReduceActors("all", None, made, (ri.of(takers[k], "all")(*[m[k] for m in ri.each(made)]) for k in range(2)))
        ri.evaluate()
        ray.get([log.get.remote() for log in takers])
    first, second = ray.get([log.get.remote() for log in takers])
    assert first == [(number,) * WIDTH for number in range(ROUNDS)]
    assert second == [tuple(range(WIDTH))] * ROUNDS
    assert sent


def test_tasks_that_meet_do_not_wait_for_each_other(sent: list[int], tmp_path: Path) -> None:
    # Each needs a CPU of its own: the cluster has them.
    folders = [tmp_path / str(number) for number in range(ROUNDS)]
    for folder in folders:
        folder.mkdir()
    found = single_groups(meet, lambda number, i: (str(folders[number]), i))
    assert found == [[i] * ROUNDS for i in range(WIDTH)]
    assert not sent


def test_what_may_run_only_once_goes_alone(sent: list[int]) -> None:
    found = single_groups(only_once, lambda number, i: (number, i))
    assert found == [[number + i for number in range(ROUNDS)] for i in range(WIDTH)]
    assert not sent


def test_members_that_take_different_refs_go_alone(sent: list[int]) -> None:
    given = [ray.put(i) for i in range(WIDTH)]
    found = single_groups(added, lambda number, i: (given[i], number))
    assert found == [[number + i for number in range(ROUNDS)] for i in range(WIDTH)]
    assert not sent


def test_members_with_large_arguments_go_alone(sent: list[int]) -> None:
    found = single_groups(added, lambda _, i: ("x" * 2_000, str(i)))
    assert found == [["x" * 2_000 + str(i)] * ROUNDS for i in range(WIDTH)]
    assert not sent


def test_members_whose_refs_the_program_holds_go_alone(sent: list[int]) -> None:
    data = given_list.remote()
    for number in range(ROUNDS):
        first = ri.Map(scaled, None, (ri.call(data, number + i) for i in range(WIDTH)))
        then = ri.Map(added, first, (ri.call(one, i) for i, one in enumerate(ri.each(first))))
        refs = ri.evaluate(then)
        assert ray.get(refs) == [2 * (number + i) + i for i in range(WIDTH)]
    assert not sent


def test_nothing_is_packed_in_a_program_that_cancels(sent: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packs.carriers, "_cancels", lambda: True)
    assert rounds(added, logs(), lambda i: i, given_list.remote())
    assert not sent


def test_long_tasks_go_alone(sent: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "CALL_SECONDS", 1e-9)
    assert rounds(added, logs(), lambda i: i, given_list.remote())
    assert not sent


def test_executors_take_packs(sent: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    begun = executors_at_once(monkeypatch)
    monkeypatch.setattr(modes, "START_SECONDS", 0.8 * ROUNDS * modes.LEASE_SECONDS)
    ready_executors(2)
    found = rounds(picky, logs(), lambda i: i, given_list.remote())
    assert found == [[] if i == 3 else [2 * (number + i) + i for number in range(ROUNDS)] for i in range(WIDTH)]
    assert sent and begun
    assert all(slot.outstanding >= 0 for group in executors.pool.slots.values() for slot in group)


@pytest.mark.parametrize("on_executors", [False, True])
def test_members_of_a_pack_whose_process_ends_run_again(
    on_executors: bool, sent: list[int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if on_executors:
        executors_at_once(monkeypatch)
        monkeypatch.setattr(modes, "START_SECONDS", 0.8 * ROUNDS * modes.LEASE_SECONDS)
        ready_executors(2)
    monkeypatch.setattr(packs.carriers, "computes", lambda _task: True)
    ended = tmp_path / "ended"
    found = single_groups(ends_once, lambda number, i: (str(ended), number == ROUNDS - 1, i))
    assert found == [[i] * ROUNDS for i in range(WIDTH)]
    assert sent and ended.exists()


def test_some_slow_rounds_are_no_reason_and_many_are_one() -> None:
    site = modes.Site()
    assert site.typical is None
    site.computed.extend([0.001] * 18)
    site.computed.extend([30.0])
    assert site.typical == 0.001
    site.computed.extend([30.0] * 4)
    assert site.typical is None


def test_more_go_together_behind_a_backlog() -> None:
    assert packs._is_behind([(None, "a"), (None, "b"), ("a", "a")])
    assert not packs._is_behind([(None, "a"), ("a", "a")])
    # On one node, nothing is ever planned.
    assert not packs._is_behind([(None, None)] * 3)


@given(st.lists(st.sampled_from("ab"), max_size=30), st.integers(2, 9), st.integers(-1, 30))
def test_parts_have_one_place(places: list[str], most: int, alone: int) -> None:
    parts = packs._parts(places, most, alone)
    assert sorted(i for part in parts for i in part) == list(range(len(places)))
    assert [part[0] for part in parts] == sorted(part[0] for part in parts)
    for part in parts:
        assert 1 <= len(part) <= most
        assert len({places[i] for i in part}) == 1
        assert alone not in part or len(part) == 1
