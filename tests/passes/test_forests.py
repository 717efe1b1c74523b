"""Pieces of graphs of single tasks: every task in one piece, what is seen by itself, and no later than one by one."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from rayinfer.passes.forests import Task, _end, _merged, pieces

CALL, SUBMIT, MOST = 0.002, 0.0002, 0.05


@st.composite
def graphs(draw: st.DrawFn) -> list[Task]:
    tasks: list[Task] = []
    for number in range(draw(st.integers(1, 25))):
        takes = draw(st.lists(st.integers(0, number - 1), max_size=3)) if number else []
        seconds = draw(st.sampled_from([1e-5, 1e-3, 0.02, 1.0]))
        tasks.append(Task(takes, seconds, draw(st.sampled_from([1, 1, 2])), draw(st.booleans())))
    return tasks


@settings(deadline=None, max_examples=150)
@given(graphs(), st.integers(1, 8))
def test_every_task_runs_once_after_what_it_takes(tasks: list[Task], cpus: int) -> None:
    found = pieces(tasks, cpus, CALL, SUBMIT, MOST)
    order = [number for piece in found for number in piece]
    assert sorted(order) == list(range(len(tasks)))
    assert all(order.index(taken) < order.index(number) for number in order for taken in tasks[number].takes)
    for piece in found:
        for number in piece[:-1]:
            assert not tasks[number].seen
            assert {user for user, task in enumerate(tasks) if number in task.takes} <= set(piece)
        assert len({tasks[number].kind for number in piece}) == 1
        assert len(piece) == 1 or sum(tasks[number].seconds for number in piece) <= MOST


@settings(deadline=None, max_examples=50)
@given(graphs(), st.integers(1, 8))
def test_pieces_end_no_later_than_tasks_one_by_one(tasks: list[Task], cpus: int) -> None:
    users = [{user for user, task in enumerate(tasks) if number in task.takes} for number in range(len(tasks))]
    alone = _end(_merged(tasks, users, 0.0), cpus, CALL, SUBMIT)
    chosen = {tuple(piece) for piece in pieces(tasks, cpus, CALL, SUBMIT, MOST)}
    limits = (0.0, CALL, 4 * CALL, 16 * CALL, MOST)
    ends = [_end(found, cpus, CALL, SUBMIT) for found in (_merged(tasks, users, limit) for limit in limits)]
    tried = [{tuple(p.members) for p in _merged(tasks, users, limit).values()} for limit in limits]
    assert min(end for end, one in zip(ends, tried, strict=True) if one == chosen) <= 1.05 * alone


def tree(leaves: int, seconds: float) -> list[Task]:
    tasks = [Task((), seconds, 0) for _ in range(leaves)]
    queue = list(range(leaves))
    while len(queue) > 1:
        tasks.append(Task(queue[:2], seconds, 0))
        queue = [*queue[2:], len(tasks) - 1]
    return tasks


def test_a_chain_of_short_tasks_is_one_piece_and_a_tree_some() -> None:
    chain = [Task([n - 1] if n else [], 1e-5, 0) for n in range(4000)]
    assert len(pieces(chain, 4, CALL, SUBMIT, MOST)) == 1
    assert 1 <= len(pieces(tree(100, 1e-4), 4, CALL, SUBMIT, MOST)) <= 16


def test_long_tasks_go_alone() -> None:
    assert all(len(piece) == 1 for piece in pieces(tree(40, 0.1), 4, CALL, SUBMIT, MOST))


def test_a_fold_keeps_its_leaves_side_by_side() -> None:
    tasks = [Task((), 0.02, 0)]
    for _ in range(40):
        tasks += [Task((), 0.02, 0), Task((len(tasks) - 1, len(tasks)), 1e-4, 0)]
    found = pieces(tasks, 16, CALL, SUBMIT, MOST)
    assert max(sum(not tasks[number].takes for number in piece) for piece in found) <= 2


def test_a_failing_argument_is_seen_to_in_the_order_of_arguments() -> None:
    tasks = [Task((), 1e-6, 0) for _ in range(4)]
    tasks += [Task((3, 2), 1e-6, 0), Task((1, 0), 1e-6, 0), Task((5, 4), 1e-6, 0)]
    assert pieces(tasks, 1, CALL, SUBMIT, MOST) == [[1, 0, 5, 3, 2, 4, 6]]
