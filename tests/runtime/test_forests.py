"""Single tasks that take one another: what many run as one call gives is what their own tasks would have given."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
import ray

import rayinfer.inferred as ri
from rayinfer.runtime import bundles, carriers, forests, group
from rayinfer.runtime.modes import LEASE_SECONDS

pytestmark = [pytest.mark.usefixtures("cluster"), pytest.mark.timeout(240)]


@ray.remote
def make(i):
    return np.full(10, i)


@ray.remote
def add(x, y):
    return x + y


@ray.remote
def fail(x):
    raise ValueError(f"bad {x}")


@ray.remote
def look_up(x):
    return {}[x]


@ray.remote
def grow(xs, x):
    xs.append(x)
    return xs


@ray.remote
def writeable(x):
    return bool(x.flags.writeable)


@ray.remote
def slow(x):
    time.sleep(1.0)
    return x + 1


@ray.remote(max_retries=0)
def never_again(x):
    return x


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every task is known to be short, and there were many."""
    monkeypatch.setattr(group, "_leases_paid", 1_000_000)
    monkeypatch.setattr(carriers, "_cancels", lambda: False)
    monkeypatch.setattr(forests, "_seconds", _Known())
    bundles._chains.clear()


class _Known(dict):
    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(key, 1e-5)

    def __missing__(self, key: Any) -> float:
        return 1e-5


@pytest.fixture
def modes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The modes in which forests go out, and how many calls of each forest's there are."""
    found: list[str] = []
    plain = forests.Forest.submit

    def submit(self: forests.Forest) -> str:
        mode = plain(self)
        found.append(mode)
        return mode

    monkeypatch.setattr(forests.Forest, "submit", submit)
    return found


def tree(n: int, leaf: Any = make) -> Any:
    refs = [ri.later(leaf, i) for i in range(n)]
    while len(refs) > 1:
        refs = [*refs[2:], ri.later(add, refs[0], refs[1])]
    return ri.evaluate(refs)[0]


def test_a_tree_gives_its_root(modes: list[str]) -> None:
    root = tree(100)
    assert type(root) is ray.ObjectRef
    assert ray.get(root).tolist() == [sum(range(100))] * 10
    assert ray.get(add.remote(root, root)).tolist() == [2 * sum(range(100))] * 10
    assert modes == ["pieces"]


def test_what_is_seen_of_the_middle_is_real_and_the_same(modes: list[str]) -> None:
    a = ri.later(make, 1)
    kept = [a]
    for i in range(20):
        a = ri.later(add, a, ri.later(make, i))
        kept.append(a)
    a, kept = ri.evaluate(a, kept)
    assert kept[-1] is a
    assert all(type(ref) is ray.ObjectRef for ref in kept)
    assert [int(value[0]) for value in ray.get(kept)] == [1 + sum(range(i)) for i in range(21)]
    assert len(modes) == 1


def test_an_error_is_that_of_the_leftmost_task(modes: list[str]) -> None:
    def failing(first: Any, second: Any) -> Any:
        a = ri.later(add, ri.later(first, 1), ri.later(second, 2))
        for i in range(10):
            a = ri.later(add, a, ri.later(fail, i))
        return ri.evaluate(a)

    with pytest.raises(KeyError) as found:
        ray.get(failing(look_up, fail))
    assert isinstance(found.value, ray.exceptions.RayTaskError)
    assert "look_up" in str(found.value)
    with pytest.raises(ValueError, match="bad 1"):
        ray.get(failing(fail, look_up))
    with pytest.raises(ValueError, match="bad 1"):
        ray.get(add.remote(failing(fail, look_up), 1))
    assert modes == ["pieces"] * 3


def test_values_pass_as_ray_passes_them(modes: list[str]) -> None:
    a = ri.later(grow, ri.later(list_of, 0), 1)
    b, c = ri.later(grow, a, 2), ri.later(grow, a, 3)
    d = ri.later(writeable, ri.later(add, ri.later(make, 1), 1))
    a, b, c, d = ri.evaluate(a, b, c, d)
    assert ray.get([a, b, c]) == [[0, 1], [0, 1, 2], [0, 1, 3]]
    assert ray.get(d) is False
    assert modes == ["pieces"]


@ray.remote
def list_of(x):
    return [x]


def test_a_piece_that_takes_long_goes_on_elsewhere(modes: list[str]) -> None:
    x = 0
    for _ in range(4):
        x = ri.later(slow, x)
    y = ri.evaluate(x)
    assert ray.get(y) == 4
    assert modes == ["pieces"]


def test_what_does_more_than_compute_or_takes_real_refs_goes_alone(modes: list[str]) -> None:
    assert ray.get(tree(8, never_again)) == sum(range(8))
    given = ray.put(3)
    a = ri.later(add, given, 1)
    b = ri.later(add, a, 2)
    b = ri.evaluate(b)
    assert ray.get(b) == 6
    first, second = make.remote(1), fail.remote(2)
    c = ri.later(add, ri.later(look_up, 1), second)
    c = ri.evaluate(ri.later(add, c, first))
    with pytest.raises(KeyError):
        ray.get(c)
    assert modes == []


def test_unknown_tasks_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forests, "_seconds", {})
    deadline = time.monotonic() + 60
    while len(forests._seconds) < 2 and time.monotonic() < deadline:
        assert ray.get(tree(30)).tolist() == [sum(range(30))] * 10
    assert len(forests._seconds) == 2


def test_few_tasks_wait_for_nothing_to_be_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[int] = []
    nodes_of = forests.nodes_of
    monkeypatch.setattr(
        forests, "nodes_of", lambda batch, view: looked_at.append(len(batch.runs)) or nodes_of(batch, view)
    )
    monkeypatch.setattr(group, "_leases_paid", 0)
    for rounds in range(1, 9):
        total = ri.evaluate(ri.later(add, ri.later(add, 1, 2), ri.later(add, 3, 4)))
        assert ray.get(total) == 10
        assert bool(looked_at) == (3 * rounds * LEASE_SECONDS >= group.PIECES_SECONDS)
    assert looked_at
