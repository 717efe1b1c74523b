"""Calls ahead of their turn: which are, how many at once, and that what they raise is raised in their turn."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import ray

import rayinfer.inferred as ri
from rayinfer.runtime import ahead as ahead_module
from rayinfer.runtime import config

pytestmark = pytest.mark.usefixtures("cluster")
LEVEL = 3
changing: list[int] = []


@ray.remote
def square(x):
    return x * x


@ray.remote
def half(x):
    return LEVEL + 8 // x


@ray.remote
def reads(x):
    return x + len(changing)


@ray.remote
def asks(x):
    return ray.get(square.remote(x))


def calls_of(task: Any, items: Any, call_of: Any = lambda x: ri.call(x)) -> list[tuple[Any, bool]]:
    return [(item, ref is not None) for item, ref in ri.ahead(task, items, call_of)]


@pytest.mark.parametrize(
    "items",
    [[1, 2], (1, 2), range(1, 3), {1: 0, 2: 0}, {1, 2}, {1: 0, 2: 0}.keys(), {0: 1, 1: 2}.values(), np.array([1, 2])],
    ids=lambda items: type(items).__name__,
)
def test_plain_containers_are_run_ahead(items: Any) -> None:
    assert [(int(item), made) for item, made in calls_of(square, items)] == [(1, True), (2, True)]


@pytest.mark.parametrize("parts", [lambda xs: zip(xs, "ab", strict=True), enumerate], ids=["zip", "enumerate"])
def test_parts_of_items(parts: Any) -> None:
    for xs, expected in (([4, 5], True), (np.array([4, 5]), True), (map(int, [4, 5]), False), (iter_of(4, 5), False)):
        found = calls_of(square, parts(xs), lambda a, _b: ri.call(a))
        assert [made for _, made in found] == [expected, expected]


def iter_of(*items: Any) -> Any:
    yield from items


def test_what_runs_code_between_items_is_not_run_ahead() -> None:
    asked = []

    def told() -> Any:
        for x in range(3):
            asked.append(x)
            yield x

    for x, ref in ri.ahead(square, told(), lambda x: ri.call(x)):
        assert ref is None
        assert asked == list(range(x + 1))
    assert calls_of(square, iter([1])) == [(1, False)]
    assert calls_of(square, map(int, "1")) == [(1, False)]


@pytest.mark.parametrize(
    "task", [reads, asks, square.options(num_cpus=1), lambda x: x], ids=["reads", "asks", "options", "function"]
)
def test_tasks_that_are_not_plain_are_not_run_ahead(task: Any) -> None:
    assert calls_of(task, [1, 2]) == [(1, False), (2, False)]


def test_only_plain_data_goes_ahead() -> None:
    ref = ray.put(1)
    given = [1, [1, {"a": (2,)}], np.ones(2), ref, [ref], object(), np.array([object()]), {"a": pytest}]
    made = [ref is not None for _, ref in ri.ahead(square, given, lambda x: ri.call(x))]
    assert made == [True, True, True, True, False, False, False, False]


def test_several_calls_of_a_round() -> None:
    calls = ri.ahead((square, half), [2, 4], lambda x: (ri.call(x), ri.call(x)))
    assert [(x, ray.get(list(refs))) for x, refs in calls] == [(2, [4, 7]), (4, [16, 5])]
    # What may not go ahead stays, beside what may.
    calls = ri.ahead((square, reads, square), [2, object()], lambda x: (ri.call(x), ri.call(x), ri.call(3)))
    assert [[ref is not None for ref in refs] for _, refs in calls] == [[True, False, True], [False, False, True]]
    found = ri.ahead((square, square), iter_of(1), lambda x: (ri.call(x), ri.call(x)))
    assert list(found) == [(1, (None, None))]
    assert list(ri.ahead((reads, asks), [1], lambda x: (ri.call(x), ri.call(x)))) == [(1, (None, None))]
    table = {"a": 1}
    found = ri.ahead((square, square), ["b", "a"], lambda name: (ri.call(1), ri.call(table[name])))
    assert [None in refs for _, refs in found] == [True, False]


def test_several_calls_of_a_round_are_no_more_than_one() -> None:
    rounds = ri.ahead((square, half), range(1, 100), lambda x: (ri.call(x), ri.call(x)))
    cpus = ray.cluster_resources()["CPU"]
    got = []
    for x, refs in rounds:
        got.append((x, ray.get(list(refs))))
        assert len(rounds.gi_frame.f_locals["waiting"]) <= max(1, cpus)
    assert got == [(x, [x * x, LEVEL + 8 // x]) for x in range(1, 100)]


def test_results_are_in_order_and_few_wait() -> None:
    rounds = ri.ahead(square, range(200), lambda x: ri.call(x))
    got = []
    for x, ref in rounds:
        got.append((x, ray.get(ref)))
        assert len(rounds.gi_frame.f_locals["waiting"]) <= 2 * 10
    assert got == [(x, x * x) for x in range(200)]


def test_what_raises_does_so_in_its_turn() -> None:
    got = []
    with pytest.raises(ZeroDivisionError):
        for x, ref in ri.ahead(half, [2, 4, 0, 1], lambda x: ri.call(x)):
            got.append(x)
            ray.get(ref)
    assert got == [2, 4, 0]
    table = {"a": 1}
    found = ri.ahead(square, ["a", "b", "a"], lambda name: ri.call(table[name]))
    assert [(name, ref is None) for name, ref in found] == [("a", False), ("b", True), ("a", False)]
    found = ri.ahead(square, [1], lambda x: ri.call(x, x))
    assert [ref for _, ref in found] == [None]


def test_what_is_not_taken_runs_to_its_end() -> None:
    rounds = ri.ahead(square, itertools.chain([1]), lambda x: ri.call(x))
    rounds.close()
    rounds = ri.ahead(square, range(50), lambda x: ri.call(x))
    first, ref = next(rounds)
    assert ray.get(ref) == first
    waiting = rounds.gi_frame.f_locals["waiting"]
    rounds.close()
    assert waiting
    assert ray.get([ref for _, ref in waiting]) == [x * x for x, _ in waiting]


def test_other_backends_run_nothing_ahead() -> None:
    before = config._chosen
    config.configure(backend="vanilla")
    try:
        assert ahead_module._window(square) == 0
        assert calls_of(square, [1]) == [(1, False)]
    finally:
        config._chosen = before
