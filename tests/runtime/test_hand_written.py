"""The study's nodes as a program writes them by hand."""

from __future__ import annotations

import pytest
import ray

from rayinfer import Broadcast, InitActors, Map, MapActors, ReduceActors, call

pytestmark = pytest.mark.usefixtures("cluster")


@ray.remote
def add(*numbers):
    return sum(numbers)


@ray.remote
class Sum:
    def __init__(self, start=0):
        self.total = start

    def add(self, *numbers):
        self.total += sum(numbers)
        return self.total


def test_arguments_come_before_the_object() -> None:
    first = Map(add, None, [[1], [2, 3], call(4)])
    second = Map(add, first, [[10], (20,), [30]])
    assert len(second) == 3
    assert ray.get(second.eval()) == [11, 25, 34]
    assert ray.get(list(first)) == [1, 5, 4]
    assert ray.get(Map(add, second).eval()) == [11, 25, 34]
    assert ray.get(Map(add, [ray.put(1), 2]).eval()) == [1, 2]


def test_evaluation_happens_once() -> None:
    group = Map(add, None, [[1]])
    assert group.eval() == group.eval()
    assert group[0] == group.eval()[0]
    assert group.task_ids == [(group.group_id, 0)]
    assert len(group.placement) == 1


def test_a_broadcast_gives_its_one_ref_n_times() -> None:
    group = Broadcast(add, 3, 1, 2)
    refs = group.eval()
    assert len(group) == 3
    assert refs[0] == refs[1] == refs[2]
    assert ray.get(refs) == [3, 3, 3]


def test_actors_wait_for_the_first_group_call_on_them() -> None:
    actors = InitActors(Sum, 2, [[1], [2]])
    values = Map(add, None, [[1], [2]])
    assert actors.refs == []
    assert ray.get(ReduceActors("add", actors, values).eval()) == [4, 5]
    assert ray.get(MapActors("add", actors, [[10], call(20)]).eval()) == [14, 25]
    assert ray.get(ReduceActors("add", list(actors), [1, 2], [[5], [6]]).eval()) == [22, 34]
    assert ray.get([actor.add.remote() for actor in actors]) == [22, 34]


def test_lengths_must_match() -> None:
    objects = Map(add, None, [[i] for i in range(4)])
    with pytest.raises(ValueError, match=r"Length of args \(3\) must match objects \(4\)"):
        Map(add, objects, [[1]] * 3)
    with pytest.raises(ValueError, match=r"Length of args \(1\)"):
        InitActors(Sum, 2, [[1]])
    with pytest.raises(TypeError, match="list, a tuple or a call"):
        Map(add, None, [1, 2])


def test_empty_groups() -> None:
    assert Map(add).eval() == []
    assert InitActors(Sum, 0).eval() == []
    assert Broadcast(add, 0, 1).eval() == []
    assert ReduceActors("add", [], []).eval() == []


def test_open_groups_grow_until_they_are_evaluated_and_after() -> None:
    group = Map(add)
    group.append(call(1))
    assert ray.get(group.eval()) == [1]
    group.append(call(2))
    assert ray.get(group.eval()) == [1, 2]
