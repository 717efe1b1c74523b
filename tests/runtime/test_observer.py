"""What is made of what was seen: transfers once for each node, sums for each place, a trace of both."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from rayinfer.runtime.observer import Observer, Sent, Submission
from rayinfer.runtime.rayprivate import TaskRun
from rayinfer.runtime.stats import sites
from rayinfer.runtime.trace import chrome_trace


def ran(task: str, node: str | None, start: float, end: float | None, failed: bool = False) -> TaskRun:
    events = ((f"task::{task}", start, end),) if end is not None else ()
    return TaskRun(task, task, "worker", node, f"w-{node}", start - 1, start, end, failed, events)


def submission(line: int, mode: str, *sent: Sent) -> Submission:
    return Submission("s.py", line, "Map", f"f{line}", line, len(sent), mode, "why", 10.0, 11.0, list(sent))


def observed() -> Observer:
    """Two objects of one group, one of them small, taken by three members on two nodes."""
    seen = Observer()
    made = [Sent(f"m{i}", i, 1, "n0", (), (f"o{i}",)) for i in range(2)]
    taken = [Sent(f"t{i}", i, 1, "n1", ("o0", "o1", "foreign")) for i in range(3)]
    seen.submissions = [submission(1, "bundle", *made), submission(2, "plain", *taken)]
    seen.runs = {
        "m0": ran("m0", "n0", 11, 12),
        "m1": ran("m1", "n0", 12, 13),
        "t0": ran("t0", "n1", 13, 14),
        "t1": ran("t1", "n1", 14, 16),
        "t2": ran("t2", "n0", 13, None, failed=True),
    }
    seen.sizes = {"o0": 1_000_000, "o1": 100, "foreign": 1_000_000}
    return seen


def test_an_object_comes_to_a_node_once_and_small_ones_inside_of_messages() -> None:
    assert [(one.line, sent.task, maker.task, size) for one, sent, maker, size in observed().transfers()] == [
        (2, "t0", "m0", 1_000_000)
    ]


def test_sums_are_of_each_place_and_mode() -> None:
    seen = observed()
    seen.submissions.append(submission(2, "executor", Sent("late", 0, 5)))
    first, second, third = sites(seen)
    assert (first.line, first.members, first.seconds, first.timed, dict(first.nodes)) == (1, 2, 2.0, 2, {"n0": 2})
    assert (second.mode, second.seconds, second.timed, second.failed, second.moved) == ("plain", 3.0, 2, 1, 1_000_000)
    assert (third.mode, third.tasks, third.timed, dict(third.nodes)) == ("executor", 1, 0, {})


def test_arrows_of_a_trace_begin_and_end_inside_of_the_tasks() -> None:
    events = chrome_trace(observed(), "s.py")["traceEvents"]
    tasks = {event["args"]["task_id"]: event for event in events if event["ph"] == "X"}
    start, end = (next(event for event in events if event["ph"] == phase) for phase in "sf")
    for arrow, task in ((start, tasks["m0"]), (end, tasks["t0"])):
        assert (arrow["pid"], arrow["tid"]) == (task["pid"], task["tid"])
        assert task["ts"] <= arrow["ts"] <= task["ts"] + task["dur"]
    assert tasks["t1"]["args"]["members"] == "1" and tasks["t1"]["args"]["mode"] == "plain"
    ends = {event["id"]: event["ts"] for event in events if event["ph"] == "e"}
    assert ends == {0: 13_000_000, 1: 16_000_000}


def test_a_mistake_of_the_observer_is_not_the_programs(caplog: pytest.LogCaptureFixture) -> None:
    nothing: Any = object()
    with caplog.at_level(logging.WARNING, "rayinfer"):
        assert Observer().submitted(nothing, nothing, {}, 0.0) is None
    assert "what is shown of this run is not complete" in caplog.text


def test_tasks_of_a_session_that_is_over_are_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: Any, **__: Any) -> Any:
        raise AssertionError("this would start another session")

    monkeypatch.setattr("ray.wait", asked)
    monkeypatch.setattr("ray.is_initialized", lambda: False)
    seen = Observer()
    seen._waiting = {"a ref": Sent("task", 0, 1)}
    assert not seen.look() and not seen._waiting and not seen.ended
