"""What an observer saw and Ray recorded, as one trace that chrome://tracing and Perfetto load.

The format: https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rayinfer.runtime.observer import Observer, Sent, Submission
from rayinfer.runtime.rayprivate import TaskRun

# Processes of the trace: the plan, the driver, what ran on a node that is not known, and after these the nodes.
PLAN, DRIVER, ELSEWHERE, FIRST_NODE = 1, 2, 3, 4


def chrome_trace(observer: Observer, script: str) -> dict[str, Any]:
    """The trace of `script` as a JSON object; times are microseconds since the epoch.

    In the process of the plan, each group stands from its submission to the end of its last task. The nodes are
    processes, their workers threads, with Ray's own events on them; those of tasks that carry members of a group say
    which. Arrows are results that one node took from another.
    """
    return {"traceEvents": list(_Trace(observer).events()), "displayTimeUnit": "ms", "otherData": {"script": script}}


class _Trace:
    def __init__(self, observer: Observer) -> None:
        self.observer = observer
        self.carries = {sent.task: (one, sent) for one in observer.submissions for sent in one.sent}
        found = [*observer.nodes, *(run.node for run in observer.runs.values() if run.node is not None)]
        self.nodes = {node: number for number, node in enumerate(dict.fromkeys(found), FIRST_NODE)}
        self.threads: dict[str, tuple[int, int]] = {}
        for run in observer.runs.values():
            process = DRIVER if run.kind == "driver" else self.nodes.get(run.node or "", ELSEWHERE)
            self.threads.setdefault(run.worker, (process, len(self.threads) + 1))

    def events(self) -> Iterator[dict[str, Any]]:
        yield from self._names()
        for number, submission in enumerate(self.observer.submissions):
            yield from self._group(number, submission)
        for run in self.observer.runs.values():
            yield from self._task(run)
        for number, (taker, sent, maker, size) in enumerate(self.observer.transfers()):
            yield from self._transfer(number, taker, sent, maker, size)

    def _names(self) -> Iterator[dict[str, Any]]:
        processes = {PLAN: "rayinfer: groups", DRIVER: "driver", **{p: f"node {n[:8]}" for n, p in self.nodes.items()}}
        used = {process for process, _ in self.threads.values()}
        for process, name in {**processes, ELSEWHERE: "node unknown"}.items():
            if process in processes or process in used:
                yield _named("process_name", process, 0, name)
                yield {**_named("process_sort_index", process, 0, ""), "args": {"sort_index": process}}
        for worker, (process, thread) in self.threads.items():
            yield _named("thread_name", process, thread, f"worker {worker[:8]}" if process != DRIVER else "driver")

    def _group(self, number: int, one: Submission) -> Iterator[dict[str, Any]]:
        runs = [run for sent in one.sent if (run := self.observer.runs.get(sent.task)) is not None]
        last = max((run.ended for run in runs if run.ended is not None), default=one.ended)
        told = {
            "site": f"{one.path}:{one.line}",
            "group": one.number,
            "members": one.members,
            "mode": one.mode,
            "why": one.why,
            "asked_nodes": sorted({sent.asked for sent in one.sent if sent.asked is not None}),
            "nodes": sorted({run.node for run in runs if run.node is not None}),
        }
        # Groups overlap, so that each is an asynchronous event of its own.
        begin = {"cat": "group", "id": number, "pid": PLAN, "tid": 0, "name": f"line {one.line}: {one.kind} {one.name}"}
        yield {**begin, "ph": "b", "ts": _us(one.began), "args": told}
        submitted = {**begin, "ph": "n", "ts": _us(one.ended), "name": "submitted"}
        yield submitted
        yield {**begin, "ph": "e", "ts": _us(max(last, one.ended))}

    def _task(self, run: TaskRun) -> Iterator[dict[str, Any]]:
        process, thread = self.threads[run.worker]
        told = {"task_id": run.task, **self._carried(run.task)}
        seen = run.events
        if not seen and run.started is not None and run.ended is not None:
            seen = ((f"task::{run.name}", run.started, run.ended),)
        for name, start, end in seen:
            what = told if name.startswith("task::") else {"task_id": run.task}
            yield {
                "ph": "X",
                "cat": "ray",
                "name": name,
                "pid": process,
                "tid": thread,
                "ts": _us(start),
                "dur": max(_us(end) - _us(start), 0),
                "args": what,
            }

    def _carried(self, task: str) -> dict[str, Any]:
        if task not in self.carries:
            return {}
        one, sent = self.carries[task]
        members = str(sent.first) if sent.count == 1 else f"{sent.count}, the first is {sent.first}"
        return {"site": f"{one.path}:{one.line}", "group": one.number, "members": members, "mode": one.mode}

    def _transfer(self, number: int, taker: Submission, sent: Sent, maker: Sent, size: int) -> Iterator[dict[str, Any]]:
        made, taken = self.observer.runs[maker.task], self.observer.runs[sent.task]
        if made.ended is None or made.started is None or taken.started is None:
            return
        told = {"bytes": size, "to": f"line {taker.line}: {taker.kind} {taker.name}"}
        arrow = {"cat": "transfer", "name": f"{size / 1e6:.1f} MB", "id": number, "args": told}
        # Each end of an arrow holds on to the event that it lies in.
        for phase, run, at in (("s", made, (made.started + made.ended) / 2), ("f", taken, taken.started)):
            process, thread = self.threads[run.worker]
            inside = next((start for name, start, _ in run.events if name.startswith("task::")), at)
            yield {**arrow, "ph": phase, "bp": "e", "pid": process, "tid": thread, "ts": _us(max(at, inside))}


def _named(what: str, process: int, thread: int, name: str) -> dict[str, Any]:
    return {"ph": "M", "name": what, "pid": process, "tid": thread, "args": {"name": name}}


def _us(seconds: float) -> int:
    return round(seconds * 1e6)
