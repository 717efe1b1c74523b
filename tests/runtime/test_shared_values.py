"""A value that several members take is copied, or stored, once: but only while nothing can change it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import ray

import rayinfer.inferred as ri

pytestmark = pytest.mark.usefixtures("cluster")
LARGE = 50_000  # float64 values, above what Ray sends inside a call


@ray.remote
class Keeper:
    def first(self, values, _more=0):
        return float(values[0])

    def is_read_only(self, values):
        return not values.flags.writeable


@ray.remote
def first(values, *_more):
    return float(values[0])


@ray.remote
def share(one, other, *, third):
    one.append(1)
    return one is other, len(other), len(third[0])


def stored(node: Any) -> set[Any]:
    """The distinct refs that stand for the first arguments of a pending group."""
    return {call.args[0] for call in node.calls if isinstance(call.args[0], ray.ObjectRef)}


def test_a_large_value_for_every_actor_is_stored_once() -> None:
    keepers = ri.InitActors(Keeper, 3, (ri.call() for _ in range(3)))
    values = np.arange(LARGE, dtype=float)
    values[0] = 7
    node = ri.MapActors("first", keepers, (ri.call(values) for keeper in ri.each(keepers)))
    assert len(stored(node)) == 1
    refs = ri.evaluate(node, keep=[keepers])
    values[0] = 8
    assert ray.get(refs) == [7.0] * 3
    assert (
        ray.get(ri.evaluate(ri.MapActors("is_read_only", keepers, (ri.call(values) for keeper in ri.each(keepers)))))
        == [True] * 3
    )


def test_a_model_shared_by_tasks_over_a_group_is_stored_once() -> None:
    model = np.full(LARGE, 3.0)
    batches = ri.Map(first, None, (ri.call([i]) for i in range(4)))
    node = ri.Map(first, batches, (ri.call(model, batch) for batch in ri.each(batches)))
    assert len(stored(node)) == 1
    assert ray.get(ri.evaluate(node)) == [3.0] * 4


def test_what_an_iterator_changes_in_between_is_seen() -> None:
    values = np.zeros(LARGE)

    def steps() -> Iterator[int]:
        for i in range(3):
            values[0] = i
            yield i

    node = ri.Map(first, None, (ri.call(values, i) for i in steps()))
    assert ray.get(ri.evaluate(node)) == [0.0, 1.0, 2.0]
    node = ri.Map(first, None, (ri.call(values, i) for _ in range(2) for i in steps()))
    assert ray.get(ri.evaluate(node)) == [0.0, 1.0, 2.0] * 2


def test_two_equal_values_stay_two() -> None:
    several = [np.full(LARGE, float(i)) for i in range(3)]
    node = ri.Map(first, None, (ri.call(several[i]) for i in range(3)))
    assert len(stored(node)) == 3
    assert ray.get(ri.evaluate(node)) == [0.0, 1.0, 2.0]


def test_small_containers_reach_each_member_as_its_own() -> None:
    shared = [1]

    @ray.remote
    def grow(values):
        values.append(2)
        return values

    node = ri.Map(grow, None, (ri.call(shared) for _ in range(3)))
    shared.append(9)
    assert ray.get(ri.evaluate(node)) == [[1, 2]] * 3


def test_what_two_arguments_of_a_call_share_is_two_things_in_its_task() -> None:
    held = [1]
    calls = (ri.call(held, held, third=[held]) for _ in range(300))
    assert ri.get(ri.Map(share, None, calls)) == [(False, 1, 1)] * 300
