"""A result that many later members take is on every node before they are submitted, and only then."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import ray

import rayinfer.inferred as ri
from rayinfer.runtime import spreading, tracker

pytestmark = [pytest.mark.usefixtures("cluster"), pytest.mark.timeout(240)]


@ray.remote
def made(size: int = 4_000_000) -> Any:
    return np.ones(size // 8)


@ray.remote
def failing() -> Any:
    raise ValueError("nothing")


@ray.remote
def last(values: Any, number: int) -> float:
    return float(values[-1]) + number


@ray.remote
def made_after(over: str) -> Any:
    while not Path(over).exists():
        time.sleep(0.01)
    return np.ones(500_000)


@ray.remote
def busy(over: str) -> None:
    while not Path(over).exists():
        time.sleep(0.01)


@pytest.fixture(name="fetches")
def _fetches(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the tasks that fetch something, as they are made; nothing else runs when a test begins."""
    until(lambda: not tracker.count())
    found: list[str] = []

    def noted(name: str) -> Any:
        found.append(name)
        return remote_task(name)

    remote_task = spreading.remote_task
    monkeypatch.setattr(spreading, "remote_task", noted)
    return found


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, "it never comes to that"
        time.sleep(0.02)


def width() -> int:
    return sum(int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"])


def kept(node: Any) -> Any:
    """The ref of a node that later members take."""
    ri.evaluate(keep=[node])
    return node.refs[0]


def looked_at(node: Any) -> None:
    """Wait until its task has ended and the watcher has seen it."""
    ray.wait([node.refs[0]], fetch_local=False)
    until(lambda: node not in spreading._waiting)


def nodes_with(ref: Any) -> set[str]:
    return set(ray.experimental.get_object_locations([ref])[ref]["node_ids"])


def test_it_is_on_every_node_before_members_take_it(fetches: list[str]) -> None:
    values = ri.Broadcast(made, width())
    ref = kept(values)
    until(lambda: len(nodes_with(ref)) == len([node for node in ray.nodes() if node["Alive"]]))
    sent = ri.Map(last, values, (ri.call(values, number) for number in range(10)))
    assert ray.get(ri.evaluate(sent)) == [1.0 + number for number in range(10)]
    assert fetches == ["fetched"] * (len(nodes_with(ref)) - 1)


def test_it_stays_where_it_is_for_members_that_do_not_need_every_node(fetches: list[str]) -> None:
    values = ri.Broadcast(made, width() - 1)
    kept(values)
    looked_at(values)
    assert not fetches and len(nodes_with(values.refs[0])) == 1


def test_a_small_one_is_not_fetched(fetches: list[str]) -> None:
    values = ri.Broadcast(made, width(), 800)
    kept(values)
    looked_at(values)
    assert not fetches


def test_one_that_fills_much_of_a_store_is_not_fetched(fetches: list[str]) -> None:
    values = ri.Broadcast(made, width(), 40 * 2**20)
    kept(values)
    looked_at(values)
    assert not fetches


def test_nothing_is_fetched_of_a_task_that_fails_and_members_raise_its_error(fetches: list[str]) -> None:
    values = ri.Broadcast(failing, width())
    kept(values)
    looked_at(values)
    assert not fetches
    with pytest.raises(ValueError, match="nothing"):
        ray.get(ri.evaluate(ri.Map(last, values, (ri.call(values, 0) for _ in range(2)))))


def test_nothing_is_fetched_beside_what_runs(fetches: list[str], tmp_path: Path) -> None:
    running = busy.remote(str(tmp_path / "over"))
    tracker.track(running, lambda _seconds: None)
    values = ri.Broadcast(made, width())
    kept(values)
    looked_at(values)
    (tmp_path / "over").touch()
    ray.get(running)
    assert not fetches


def test_ray_fetches_what_members_take_that_are_submitted_before_it_is_there(
    fetches: list[str], tmp_path: Path
) -> None:
    values = ri.Broadcast(made_after, width(), str(tmp_path / "over"))
    kept(values)
    assert values in spreading._waiting
    sent = ri.evaluate(ri.Map(last, values, (ri.call(values, number) for number in range(3))))
    assert values not in spreading._waiting
    (tmp_path / "over").touch()
    assert ray.get(sent) == [1.0, 2.0, 3.0] and not fetches


def test_what_is_taken_in_its_own_region_or_by_nobody_is_not_looked_at(fetches: list[str]) -> None:
    values, unread = ri.Broadcast(made, width()), ri.Broadcast(made, width())
    sent = ri.Map(last, values, (ri.call(values, number) for number in range(3)))
    assert ray.get(ri.evaluate(sent)) == [1.0, 2.0, 3.0]
    assert values not in spreading._waiting and unread not in spreading._waiting and not fetches
