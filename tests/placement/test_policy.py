"""The study's cases, and what must hold of every placement."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from rayinfer.placement import ClusterView, History, NodeView, Request
from rayinfer.placement.policy import place
from tests.placement.reference import PATIENT, reference


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


def test_a_member_that_spills_takes_no_cpu_of_one_whose_input_is_there() -> None:
    history = History()
    for node in ("n0", "n0", "n1"):
        history.record(1, node, 0)
    placed = place(cluster(1, 1, 1), history, Request(2, 3, matching=(1, 0)))
    assert placed == ["n0", "n2", "n1"]


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


def test_no_member_overtakes_one_of_its_source_that_waits_for_a_cpu() -> None:
    history = History()
    view = cluster(1, 1)
    assert place(view, history, Request(1, 3)) == ["n0", "n1", None]
    assert place(view, history, Request(2, 3, matching=(1, 0), after=[1])) == [None, None, None]
    history.finished(1, "n0", 1.0)
    assert place(view, history, Request(3, 1, on_group=1, after=[1])) == [None]
    history.finished(1, None, 1.0)
    assert place(view, history, Request(4, 2, on_group=1, after=[1])) == ["n0", "n1"]


@st.composite
def scenarios(draw: st.DrawFn) -> tuple[ClusterView, list[Request]]:
    """A cluster, and requests that depend on groups before them in every way, some of which have ended."""
    cpus = draw(st.lists(st.sampled_from([0.5, 1, 2, 3, 4, 8]), min_size=1, max_size=6))
    view = cluster(*cpus, dead=tuple(draw(st.sets(st.integers(0, 5)))))
    requests: list[Request] = []
    for number in range(draw(st.integers(1, 6))):
        width = draw(st.integers(0, 12))
        size = draw(st.sampled_from([0.0, 0.1, 0.3, 0.5, 1.0, 2.0]))
        source = draw(st.integers(0, number - 1)) if number and draw(st.booleans()) else None
        # Several runs of members may be of one group.
        group = draw(st.integers(0, number))
        after = draw(st.sets(st.integers(0, number - 1))) if number else ()
        how = draw(st.sampled_from(["group", "tasks", "matching"])) if source is not None else ""
        task = st.none() | st.tuples(st.integers(0, max(number - 1, 0)), st.integers(0, 12))
        requests.append(
            Request(
                group,
                width,
                size,
                source if how == "group" else None,
                draw(st.lists(task, min_size=width, max_size=width)) if how == "tasks" else None,
                after,
                (source, draw(st.integers(0, 2))) if how == "matching" and source is not None else None,
            )
        )
    return view, requests


@given(scenarios())
@settings(**PATIENT)
def test_it_places_as_if_member_by_member(scenario: tuple[ClusterView, list[Request]]) -> None:
    view, requests = scenario
    history = History()
    for request in requests:
        expected = reference(view, history, request)
        assert place(view, history, request) == expected


@given(scenarios())
@settings(**PATIENT)
def test_no_node_is_overfull_and_nobody_is_left_out_while_there_is_room(
    scenario: tuple[ClusterView, list[Request]],
) -> None:
    view, requests = scenario
    history = History()
    for number, request in enumerate(requests):
        request = replace(request, group=number, after=())
        placed = place(view, history, request)
        assert len(placed) == request.width
        weight = request.cpus or 1.0
        own = Counter(node for node in placed if node is not None)
        for node in own:
            assert node in view.cpus
            assert own[node] * weight <= view.cpus[node] + 1e-6
            assert history.load.get(node, 0.0) <= view.cpus[node] + 1e-6
        if None in placed:
            for node, capacity in view.cpus.items():
                full = (own[node] + 1) * weight > capacity + 1e-6
                load = history.load.get(node, 0.0)
                assert full or (request.cpus and load + request.cpus > capacity + 1e-6)
