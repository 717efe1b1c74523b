"""The simulated policies on small graphs: against the optimum of an exhaustive search, and what each must keep."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rayinfer.ir import nodes as ir
from rayinfer.ir.graph import Evaluation, Graph
from rayinfer.placement import ClusterView, NodeView
from rayinfer.placement.baselines import at_random, ray_default, ray_spread
from rayinfer.placement.optimum import optimum
from rayinfer.placement.simulation import POLICIES, simulate
from rayinfer.placement.workload import MissingSizes, Sizes, Work, workload
from tests.placement.reference import PATIENT

SLOTS = {"one-to-one": ir.Each, "group": ir.Some, "broadcast": ir.Shared, "all-to-all": ir.All}


def cluster(*cpus: float) -> ClusterView:
    return ClusterView(tuple(NodeView(f"n{i}", c) for i, c in enumerate(cpus)))


def graph(*groups: ir.Group, end: Evaluation | None = None) -> Graph:
    return Graph("main", 1, (*groups, end or Evaluation(9, "ray.get")))


def tasks(number: int, width: object, *takes: tuple[str, int], name: str | None = None) -> ir.Map:
    args = tuple(ir.Argument(SLOTS[kind]((source,))) for kind, source in takes)
    return ir.Map(number, name, "f", width, args, ir.Span(number + 1, 0, number + 1, 1))


def chain(width: int) -> Graph:
    return graph(tasks(0, width), tasks(1, None, ("one-to-one", 0)), tasks(2, None, ("one-to-one", 1)))


def all_to_all(width: int, actors: int) -> Graph:
    made = ir.InitActors(1, "actors", "A", actors, (), ir.Span(2, 0, 2, 1))
    taken = (ir.Argument(ir.All((0,))),)
    call = ir.ReduceActors(2, None, "take", None, taken, ir.Span(3, 0, 3, 1), actors=(1,), over="actors")
    return graph(tasks(0, width), made, call)


def moved(of: Graph, view: ClusterView, policy: str = "group", size: int = 1) -> int:
    return simulate(workload(of, Sizes(results={"": size})), view, policy).total


@given(st.lists(st.integers(1, 3), min_size=1, max_size=3), st.integers(1, 4))
@settings(**PATIENT)
def test_one_to_one_chains_move_nothing(cpus: list[int], width: int) -> None:
    if width <= sum(cpus):
        assert moved(chain(width), cluster(*cpus)) == 0
        assert optimum(workload(chain(width), Sizes({}, {"": 1})), cluster(*cpus)) in (0, None)


def by_hand(width: int, actors: int, cpus: int, nodes: int) -> int:
    """The fewest objects that cross when `actors` each take all of `width`, over every place of both."""
    best = None
    for places in itertools.product(range(nodes), repeat=width + actors):
        members, takers = places[:width], places[width:]
        if all(members.count(node) <= cpus and takers.count(node) <= cpus for node in range(nodes)):
            crossing = len({(i, taker) for i, node in enumerate(members) for taker in takers if taker != node})
            best = crossing if best is None else min(best, crossing)
    assert best is not None
    return best


@pytest.mark.parametrize(("width", "actors"), [(1, 1), (2, 2), (3, 2), (4, 1), (4, 3)])
def test_the_optimum_is_that_of_an_enumeration_by_hand(width: int, actors: int) -> None:
    works = workload(all_to_all(width, actors), Sizes({}, {"": 1}))
    assert optimum(works, cluster(2, 2)) == by_hand(width, actors, 2, 2)
    assert optimum(works, cluster(3, 3)) == by_hand(width, actors, 3, 2)


@pytest.mark.parametrize(("width", "actors"), [(4, 1), (4, 2), (3, 2), (4, 4)])
def test_reducers_sit_with_their_inputs(width: int, actors: int) -> None:
    view = cluster(2, 2)
    found = moved(all_to_all(width, actors), view)
    assert found == by_hand(width, actors, 2, 2)
    assert found <= min(moved(all_to_all(width, actors), view, policy) for policy in POLICIES)


@st.composite
def small_graphs(draw: st.DrawFn) -> Graph:
    """Up to four groups of one to three members, each of which takes earlier ones in any way."""
    groups: list[ir.Group] = []
    for number in range(draw(st.integers(1, 4))):
        takes = []
        if number:
            for source in draw(st.sets(st.integers(0, number - 1), max_size=2)):
                takes.append((draw(st.sampled_from(sorted(SLOTS))), source))
        groups.append(tasks(number, draw(st.integers(1, 3)), *takes))
    return graph(*groups)


@given(small_graphs(), st.lists(st.integers(1, 4), min_size=1, max_size=3), st.integers(0, 5))
@settings(max_examples=60, **PATIENT)
def test_no_policy_moves_less_than_the_optimum(of: Graph, cpus: list[int], seed: int) -> None:
    view = cluster(*cpus)
    works = workload(of, Sizes({}, {"": 7}), seed)
    best = optimum(works, view)
    for policy in POLICIES:
        found = simulate(works, view, policy, seed)
        assert {n: len(places) for n, places in found.places.items()} == {w.number: w.width for w in works}
        if best is not None and not any(found.queued.values()):
            assert found.total >= best
        again = simulate(works, view, policy, seed)
        assert again.moved == found.moved


@given(
    st.lists(st.integers(1, 6), min_size=1, max_size=6),
    st.integers(0, 30),
    st.sampled_from([5_000, 10_000, 20_000]),
    st.data(),
)
@settings(**PATIENT)
def test_no_policy_overfills_a_node_or_leaves_room(cpus: list[int], count: int, step: int, data: st.DataObject) -> None:
    units = np.array(cpus) * 10_000
    used = np.array([data.draw(st.integers(0, c)) for c in cpus]) * 10_000
    random = np.random.default_rng(0)
    wanted = np.array([data.draw(st.integers(-1, len(cpus) - 1)) for _ in range(count)], dtype=np.int64)
    room = int(((units - used) // step).sum())
    for found in (
        at_random(units, used, step, count, random),
        ray_spread(units, used, step, count, random),
        ray_default(units, used, step, count, random),
        ray_default(units, used, step, count, random, wanted),
    ):
        placed = found[found >= 0]
        assert len(placed) == min(count, room)
        assert (used + np.bincount(placed, minlength=len(cpus)) * step <= units).all()


def test_ray_default_fills_to_a_half_before_it_looks_at_load() -> None:
    units, used = np.full(10, 80_000), np.zeros(10, dtype=np.int64)
    found = ray_default(units, used, 10_000, 8, np.random.default_rng(1))
    # The top fifth are two nodes at a time, until these are half full.
    assert set(found.tolist()) == {0, 1} or np.bincount(found).max() >= 4
    everything = ray_default(units, used, 10_000, 40, np.random.default_rng(1))
    assert np.bincount(everything, minlength=10).max() <= 5


def test_ray_default_prefers_the_node_of_large_arguments_and_spread_does_not() -> None:
    of, view = chain(8), cluster(4, 4)
    assert moved(of, view, "ray default", 1 << 20) == 0
    assert moved(of, view, "random", 1 << 20) > 0
    assert moved(all_to_all(4, 2), cluster(4, 4), "ray spread", 1) == 4


def test_what_runs_when_it_is_over_holds_no_cpus() -> None:
    twice = Graph("main", 1, (tasks(0, 4), Evaluation(5, "ray.get"), tasks(1, 4), Evaluation(6, "ray.get")))
    found = simulate(workload(twice, Sizes()), cluster(2, 2), "random")
    assert found.queued == {0: 0, 1: 0}


def test_beyond_the_cluster_members_queue_and_go_anywhere() -> None:
    for policy in POLICIES:
        found = simulate(workload(graph(tasks(0, 10)), Sizes()), cluster(2, 2), policy)
        assert found.queued[0] == 6
        assert len(found.places[0]) == 10


def widths(of: Graph, **values: int) -> list[int]:
    return [work.width for work in workload(of, Sizes({k.replace("_", "."): v for k, v in values.items()}, {"": 1}))]


def test_widths_come_from_expressions_groups_and_numbers() -> None:
    of = graph(tasks(0, "args.n * 2 - 1", name="xs"), tasks(1, "len(xs)"), tasks(2, None, ("one-to-one", 1)))
    assert widths(of, args_n=3) == [5, 5, 5]
    assert [w.width for w in workload(of, Sizes({"xs": 2, "%2": 7}, {"": 1}))] == [2, 2, 7]
    assert [w.width for w in workload(of, Sizes({"args.n*2 -1": 4}, {"": 1}))] == [4, 4, 4]


def test_what_is_missing_is_named_at_once() -> None:
    of = graph(tasks(0, "args.n + other(1)", name="xs"), tasks(1, None), tasks(2, None, ("all-to-all", 0)))
    with pytest.raises(MissingSizes) as caught:
        workload(of, Sizes())
    assert caught.value.widths == [("args.n", 1), ("%1", 2), ("%2", 3)]
    assert caught.value.results == [("xs", 1)]


def test_calls_on_actors_that_are_not_in_the_graph_go_nowhere() -> None:
    call = ir.MapActors(1, None, "m", 3, (ir.Argument(ir.Each((0,))),), ir.Span(2, 0, 2, 1), over="given")
    works: list[Work] = workload(graph(tasks(0, 3), call), Sizes({}, {"": 1}))
    found = simulate(works, cluster(2, 2), "group")
    assert 1 not in found.places
    assert found.total == 0
    assert optimum(works, cluster(2, 2)) == 0


def test_members_that_take_earlier_ones_of_their_own_group_are_left_to_ray() -> None:
    args = (ir.Argument(ir.Earlier((0,))),)
    recurrence = ir.Map(0, "table", "f", 4, args, ir.Span(1, 0, 1, 1))
    (work,) = workload(graph(recurrence), Sizes())
    assert (work.recurs, work.links, work.size) == (True, (), 0)
    found = simulate([work], cluster(2, 2), "group")
    assert (found.total, found.queued) == (0, {0: 0})
    assert sorted(found.places[0].tolist()) == [0, 0, 1, 1]
