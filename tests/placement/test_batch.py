"""Groups of one batch: actors wait for the first group call on them, and go where its inputs are."""

from __future__ import annotations

from rayinfer.placement import ACTORS, CALLS, TASKS, ClusterView, History, NodeView, Step, place_batch

VIEW = ClusterView(tuple(NodeView(f"n{i}", 4) for i in range(3)))


def test_actors_go_where_the_inputs_of_the_first_call_on_them_are() -> None:
    history = History()
    history.record(9, "n2", 0)
    steps = [
        Step(ACTORS, 1, 2, cpus=0.0),
        Step(TASKS, 2, 4, on_group=9, sources=[9]),
        Step(CALLS, 3, 2, calls=[1], beside=2),
    ]
    assert place_batch(VIEW, history, steps) == {2: ["n2"] * 4, 1: ["n2"] * 2}


def test_actors_that_nobody_calls_go_beside_the_first_group_that_outlives_the_batch() -> None:
    steps = [
        Step(TASKS, 1, 2, is_dead=True),
        Step(ACTORS, 2, 1, cpus=0.0),
        Step(TASKS, 3, 1),
    ]
    placed = place_batch(VIEW, History(), steps)
    assert placed == {1: ["n0", "n1"], 3: ["n2"], 2: ["n2"]}


def test_a_chain_runs_on_the_cpus_that_its_inputs_leave() -> None:
    steps = [
        Step(TASKS, 1, 12),
        Step(TASKS, 2, 12, matching=(1, 0), sources=[1]),
        Step(TASKS, 3, 12, matching=(2, 0), sources=[2]),
    ]
    placed = place_batch(VIEW, History(), steps)
    assert placed[1] == placed[2] == placed[3] == ["n0", "n1", "n2"] * 4


def test_what_matters_to_nobody_and_what_the_program_places_is_left_to_ray() -> None:
    history = History()
    history.record(9, "n1", 0)
    steps = [
        Step(TASKS, 1, 2, is_used=False),
        Step(TASKS, 2, 2, placeable=False, on_group=9),
        Step(ACTORS, 3, 2, placeable=False),
        Step(CALLS, 4, 2, calls=[3]),
    ]
    assert place_batch(VIEW, history, steps) == {}


def test_runs_of_one_group_are_placed_in_a_row() -> None:
    history = History()
    steps = [Step(ACTORS, 1, 2), Step(TASKS, 2, 3), Step(ACTORS, 1, 3), Step(TASKS, 2, 1)]
    placed = place_batch(VIEW, history, steps)
    assert (len(placed[1]), len(placed[2])) == (5, 4)
    assert history.placements[2] == placed[2]
