"""Which way the rounds of a site go, by how long they took: executors, unless ordinary tasks prove faster."""

from __future__ import annotations

from rayinfer.runtime.rivals import ROUNDS, Rivals


def after(rivals: Rivals, rounds: int, on_executors: float, as_tasks: float) -> int:
    """How often the way to take changes in so many rounds, which take so long on executors and as tasks."""
    changes = 0
    for _ in range(rounds):
        way = rivals.executors
        changes += rivals.note(way, on_executors if way else as_tasks) is not None
    return changes


def measured_as_tasks(seconds: float) -> Rivals:
    rivals = Rivals()
    assert not any(rivals.note(False, seconds) for _ in range(700))
    assert rivals.executors
    return rivals


def test_executors_that_are_faster_or_as_fast_are_kept() -> None:
    for seconds in (0.001, 0.01, 0.0104):
        rivals = measured_as_tasks(0.01)
        assert after(rivals, 1000, seconds, 0.01) == 0
        assert rivals.executors


def test_executors_that_are_slower_are_given_up_for_good() -> None:
    rivals = measured_as_tasks(0.01)
    found = [rivals.note(True, 0.011) for _ in range(ROUNDS)]
    assert found == [None] * (ROUNDS - 1) + [(0.011, 0.01)]
    assert not rivals.executors
    assert after(rivals, 10_000, 0.011, 0.01) == 0


def test_some_slow_rounds_are_no_proof() -> None:
    rivals = measured_as_tasks(0.01)
    for number in range(300):
        assert not rivals.note(True, 1.0 if number % 3 == 0 else 0.009)


def test_work_that_grows_is_no_fault_of_executors() -> None:
    rivals = measured_as_tasks(0.01)
    assert after(rivals, ROUNDS, 0.05, 0.06) == 1, "given up: nothing tells why rounds take longer"
    assert after(rivals, ROUNDS, 0.05, 0.06) == 1, "as tasks they take longer still"
    assert rivals.executors
    assert after(rivals, 1000, 0.05, 0.06) == 0


def test_ways_that_take_turns_in_being_faster_change_ever_more_seldom() -> None:
    rivals = measured_as_tasks(0.01)
    changes = 0
    for number in range(10_000):
        # Whatever is taken has just become the slower one.
        changes += rivals.note(rivals.executors, 0.01 * 1.1 ** (number / 100)) is not None
    assert 2 <= changes < 20
