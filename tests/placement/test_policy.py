"""The study's cases, and what must hold of every placement."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from rayinfer.placement import ClusterView, History, NodeView, Request, place


def cluster(*cpus: float, dead: tuple[int, ...] = ()) -> ClusterView:
    return ClusterView(tuple(NodeView(f"n{i}", c, i not in dead) for i, c in enumerate(cpus)))


def test_members_pack_on_the_node_of_the_group_they_depend_on() -> None:
    history = History()
    history.record(1, "n2", 0)
    assert place(cluster(4, 4, 4), history, Request(2, 4, on_group=1)) == ["n2"] * 4


def test_what_does_not_fit_spills_and_is_packed_again() -> None:
    history = History()
    history.record(1, "n1", 0)
    placed = place(cluster(4, 4, 4), history, Request(2, 10, on_group=1))
    assert placed == ["n1"] * 4 + ["n0"] * 4 + ["n2"] * 2


def test_beyond_the_capacity_of_the_cluster_members_are_left_to_ray() -> None:
    assert place(cluster(2, 2), History(), Request(1, 6)).count(None) == 2


def test_one_to_one_members_are_colocated_on_the_cpu_their_input_leaves() -> None:
    history = History()
    view = cluster(4, 4)
    first = place(view, history, Request(1, 8))
    second = place(view, history, Request(2, 8, on_task=[(1, i) for i in range(8)], after=[1]))
    assert second == first


def test_a_one_to_one_member_spills_when_its_node_is_full() -> None:
    history = History()
    for _ in range(3):
        history.record(1, "n0", 0)
    placed = place(cluster(2, 4), history, Request(2, 3, on_task=[(1, i) for i in range(3)]))
    assert placed == ["n0", "n0", "n1"]


def test_independent_members_go_to_the_least_loaded_node() -> None:
    history = History()
    history.record(9, "n0", 2.0)
    assert place(cluster(4, 4, 4), history, Request(1, 4)) == ["n1", "n2", "n1", "n2"]


def test_actors_hold_no_cpus_and_still_pack_one_per_cpu() -> None:
    history = History()
    for node in ("n1", "n1", "n0"):
        history.record(1, node, 1.0)
    assert place(cluster(4, 2), history, Request(2, 4, cpus=0.0, on_group=1)) == ["n1", "n1", "n0", "n0"]
    assert 2 not in history.running


def test_larger_members_take_as_many_cpus_as_they_ask_for() -> None:
    history = History()
    history.record(1, "n0", 0)
    assert place(cluster(4, 4), history, Request(2, 5, cpus=2.0, on_group=1)) == ["n0", "n0", "n1", "n1", None]


def test_a_freed_group_is_forgotten() -> None:
    history = History()
    place(cluster(4, 4), history, Request(1, 2))
    history.forget(1)
    history.release(1)
    assert (history.placements, history.running, history.load) == ({}, {}, {})


def test_a_dead_node_is_skipped() -> None:
    history = History()
    history.record(1, "n0", 0)
    assert place(cluster(4, 4, dead=(0,)), history, Request(2, 2, on_group=1)) == ["n1", "n1"]
    assert place(cluster(4, 4, dead=(0,)), history, Request(3, 1, on_task=[(1, 0)])) == ["n1"]


def test_an_empty_cluster_places_nothing() -> None:
    assert place(ClusterView(), History(), Request(1, 2)) == [None, None]


def test_finished_members_give_their_cpus_back() -> None:
    history = History()
    view = cluster(1, 1)
    assert place(view, history, Request(1, 2)) == ["n0", "n1"]
    assert place(view, history, Request(2, 1)) == [None]
    history.finished(1, "n1", 1.0)
    assert place(view, history, Request(3, 1)) == ["n1"]


@st.composite
def scenarios(draw: st.DrawFn) -> tuple[ClusterView, list[tuple[int, float, int | None, bool]]]:
    cpus = draw(st.lists(st.integers(1, 8), min_size=1, max_size=6))
    dead = draw(st.sets(st.integers(0, 5)))
    group = st.tuples(
        st.integers(0, 12), st.sampled_from([0.0, 0.5, 1.0, 2.0]), st.none() | st.integers(0, 5), st.booleans()
    )
    return cluster(*cpus, dead=tuple(dead)), draw(st.lists(group, max_size=6))


@given(scenarios())
def test_no_node_is_overfull_and_nobody_is_left_out_while_there_is_room(
    scenario: tuple[ClusterView, list[tuple[int, float, int | None, bool]]],
) -> None:
    view, groups = scenario
    history, again = History(), History()
    for number, (width, cpus, source, one_to_one) in enumerate(groups):
        on_group = source if source is not None and source < number and not one_to_one else None
        on_task = [(source, i) for i in range(width)] if source is not None and source < number and one_to_one else None
        request = Request(number, width, cpus, on_group, on_task)
        placed = place(view, history, request)
        assert placed == place(view, again, request)
        assert len(placed) == width
        weight = cpus or 1.0
        own = Counter(node for node in placed if node is not None)
        for node in own:
            assert node in view.cpus
            assert own[node] * weight <= view.cpus[node]
            assert history.load.get(node, 0.0) <= view.cpus[node]
        if None in placed:
            for node, capacity in view.cpus.items():
                full = (own[node] + 1) * weight > capacity
                assert full or (cpus and history.load.get(node, 0.0) + cpus > capacity)
