"""What runs carriers on workers: members of one group, each of which gives a result of its own. Shipped by value."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

from rayinfer.runtime.rayprivate import attempt_number
from rayinfer.runtime.worker import START_SECONDS, Slice, clocks, error_of, since

# In a task that only computes, whatever takes so many seconds without computing may take forever.
WAITING_SECONDS = 10.0


class Carrier(Slice):
    """A slice whose members give results of their own; how large they are together was thought of before.

    Who hands members on waits for them, and Ray starts a process in its place: that is done once as much time was lost
    by not doing so. A member that does not get on, and only computes, waits for a CPU, as its neighbours would.
    """

    budget = stall = START_SECONDS
    blocked = WAITING_SECONDS
    most_bytes = 1 << 28


def run_carrier(function: bytes, members: Any, returns: int, shared_at: Any, options: Any, *shared: Any) -> list[Any]:
    """Run members of one group; the `returns` results of each, or its errors, and how long they took.

    The arguments are those of `run_slice`. The last result is (seconds, members, seconds of the longest, bytes of their
    results, seconds that were computed) of those that ran here. Members behind one that takes long run elsewhere. When
    a worker died with all of them, each runs by itself, so that one that always ends its process fails alone.
    """
    slice_ = Carrier(function, members, returns, shared_at, options, shared)
    count = len(slice_.calls)
    if count > 1 and attempt_number():
        return [*_given(_apart(slice_, slice_.calls)), (0.0, 0, 0.0, 0, 0.0)]
    start = clocks()
    outcomes, sent, seconds = slice_.run()
    took = seconds, len(outcomes), slice_.longest, slice_.size, since(start)[1]
    if len(outcomes) < count:
        outcomes += _elsewhere(slice_, sent, slice_.calls[len(outcomes) :])
    return [*_given(outcomes), took]


def _elsewhere(slice_: Slice, sent: Any, calls: list[Any]) -> list[Any]:
    """The outcomes of calls that other workers run, which `sent` has if they were handed on already."""
    import ray

    outcomes: list[Any] = []
    while len(outcomes) < len(calls):
        if sent is None:
            sent = slice_.hand_on(calls[len(outcomes) :], True)
        try:
            more, sent, _ = ray.get(sent)
        except ray.exceptions.RayError:
            return outcomes + _apart(slice_, calls[len(outcomes) :])
        outcomes += more
    return outcomes


def _apart(slice_: Slice, calls: list[Any]) -> list[Any]:
    """The outcomes of calls that each run as a task of its own."""
    import ray

    outcomes: list[Any] = []
    for ref in [slice_.hand_on([call], True) for call in calls]:
        try:
            outcomes += ray.get(ref)[0]
        except ray.exceptions.RayError as error:
            failed = (error_of(slice_.name, error),)
            outcomes.append(failed if slice_.returns == 1 else [failed] * slice_.returns)
    return outcomes


def _given(outcomes: list[Any]) -> Iterator[Any]:
    """All results as a task gives them: Ray makes an error that is returned the error of that one result."""
    for member in outcomes:
        for outcome in member if type(member) is list else (member,):
            if type(outcome) is not tuple:
                yield outcome
            else:
                yield outcome[0] if len(outcome) == 1 else pickle.loads(outcome[0], buffers=outcome[1])
