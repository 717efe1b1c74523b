"""Bundling of single tasks that take one another: chains, and trees of which only the root is seen.

Before:  a call for every task              After:  a call for each piece of the graph, of what one task takes
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass, field

# Of limits under which the graph is over about as early the largest is taken: fewer calls leave the driver its CPU.
ALIKE = 1.05
# From one limit that is considered to the next.
_STEP = 4.0


@dataclass(frozen=True, slots=True)
class Task:
    """One task of a graph: the tasks that it takes, by number and all of them before it, and how long it runs.

    Tasks of one `kind` may share a process. A task that is `seen` has a result of its own.
    """

    takes: Sequence[int]
    seconds: float
    kind: Hashable
    seen: bool = False


@dataclass(slots=True)
class _Piece:
    members: list[int]
    seconds: float
    takes: list[int] = field(default_factory=list)


def pieces(tasks: Sequence[Task], cpus: int, call: float, submit: float, most: float) -> list[list[int]]:
    """The tasks of each call, so that all are over about as early as they can be; those that others take come first.

    A call costs `call` seconds where it runs and `submit` seconds of the driver; one of several tasks runs for `most`
    seconds at most. In a piece the last task is the one that others may take, and the order is that in which a task
    that fails is seen to: a task's arguments from first to last, before itself.
    """
    users: list[set[int]] = [set() for _ in tasks]
    for number, task in enumerate(tasks):
        for taken in task.takes:
            users[taken].add(number)
    limits = [0.0, call]
    while limits[-1] < most:
        limits.append(min(limits[-1] * _STEP, most))
    tried = [_merged(tasks, users, limit) for limit in limits]
    ends = [_end(found, cpus, call, submit) for found in tried]
    best = max(number for number, end in enumerate(ends) if end <= ALIKE * min(ends))
    return [piece.members for piece in tried[best].values()]


def _merged(tasks: Sequence[Task], users: Sequence[Collection[int]], limit: float) -> dict[int, _Piece]:
    """The pieces that run for at most so many seconds, by their last task."""
    found: dict[int, _Piece] = {}
    for number, task in enumerate(tasks):
        piece = _Piece([], task.seconds)
        for taken in dict.fromkeys(task.takes):
            inner = found[taken]
            alone = len(users[taken]) == 1 and not tasks[taken].seen and tasks[taken].kind == task.kind
            if alone and piece.seconds + inner.seconds <= limit:
                piece.seconds += inner.seconds
                # The longer list grows in place: a chain would be copied at every step.
                if piece.members:
                    piece.members += inner.members
                else:
                    piece.members = inner.members
                inner.takes += piece.takes
                piece.takes = inner.takes
                del found[taken]
            else:
                piece.takes.append(taken)
        piece.members.append(number)
        found[number] = piece
    return found


def _end(found: dict[int, _Piece], cpus: int, call: float, submit: float) -> float:
    """When the last piece is over, as a bound: the longest path, the work of all CPUs, or the driver's own."""
    over: dict[int, float] = {}
    for number, piece in found.items():
        over[number] = max((over[taken] for taken in piece.takes), default=0.0) + piece.seconds + call
    work = sum(piece.seconds + call for piece in found.values())
    return max(max(over.values(), default=0.0), work / cpus, submit * len(found))
