"""Watches a program run: what was submitted where and why, and, from Ray's own events, what became of it.

Only made for `rayinfer run --stats` or `--trace`. It changes nothing of what is submitted; a result's ref is held until
its task has ended, to learn its size.
"""

from __future__ import annotations

import functools
import logging
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING, Any, TypeVar, cast

import ray

from rayinfer.runtime import config, rayprivate, reasons, watcher
from rayinfer.runtime.frames import is_ours
from rayinfer.runtime.grids import Part
from rayinfer.runtime.values import LARGE

if TYPE_CHECKING:
    from rayinfer.runtime.nodes import Node
    from rayinfer.runtime.plan import Plan
    from rayinfer.runtime.regions import Batch

logger = logging.getLogger("rayinfer")
_Method = TypeVar("_Method", bound=Callable[..., Any])
# What became of it is known of so many tasks, which is as many as Ray itself keeps the events of; the rest is counted.
MOST = 100_000
# So long the end of a program waits for the events of tasks that have ended: workers send theirs once a second.
PATIENCE = 3.0


@dataclass(slots=True)
class Sent:
    """One task of Ray's that carries `count` members of a group, of which `first` is the first.

    `task` is its id, `asked` the node it was sent to, `takes` the ids of the objects it takes, `gives` its results'.
    """

    task: str
    first: int
    count: int
    asked: str | None = None
    takes: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()


@dataclass(slots=True)
class Submission:
    """Members of one group that were submitted together, between `began` and `ended` (seconds since the epoch)."""

    path: str
    line: int
    kind: str
    name: str
    number: int
    members: int
    mode: str
    why: str
    began: float
    ended: float
    sent: list[Sent] = field(default_factory=list)


def _harmless(method: _Method) -> _Method:
    """A method whose own mistakes are not the program's: they are logged, and the program goes on."""

    @functools.wraps(method)
    def guarded(*args: Any) -> Any:
        try:
            return method(*args)
        except Exception:
            logger.warning("what is shown of this run is not complete", exc_info=True)

    return cast(_Method, guarded)


class Observer:
    """Hears of every node, batch, slice and direct call of this process."""

    def __init__(self) -> None:
        self.submissions: list[Submission] = []
        self.runs: dict[str, rayprivate.TaskRun] = {}
        # The bytes of each result, by object id; those of tasks that ended are complete.
        self.sizes: dict[str, int] = {}
        self.ended: set[str] = set()
        self.nodes: list[str] = []
        self.recorded = 0
        self.unrecorded = 0
        self._lock = threading.RLock()
        self._waiting: dict[Any, Sent] = {}
        self._made: weakref.WeakKeyDictionary[Node, tuple[str, int]] = weakref.WeakKeyDictionary()
        self._direct: dict[int, Submission] = {}
        self._reasons: dict[Any, str] = {}

    @_harmless
    def begun(self, node: Node) -> None:
        """A node is being made: the place is where the program calls us."""
        self._made[node] = _place()

    @_harmless
    def submitted(self, batch: Batch, plan: Plan, how: dict[Node, str], began: float) -> None:
        """A batch was submitted by the group backend; `how` says in what mode, for the last group of each chain."""
        with self._lock:
            lasts = {node: last for last, fused in plan.fused.items() for node in fused.nodes}
            for node, start, stop in _runs(batch):
                last = lasts.get(node, node)
                mode = how.get(last, "not submitted")
                if mode.endswith(" on executors"):
                    mode = "executors in part"
                if node in plan.inner:
                    self._add_inner(node, last, stop - start, began)
                    continue
                fused = plan.fused.get(node)
                chain = fused.nodes if fused is not None else [node]
                found = self._add(node, stop - start, mode, self._why(node, mode, batch, len(chain)), began)
                tasks: dict[str | None, Sent] = {}
                for index in range(start, min(stop, len(node.refs))):
                    ref, taken = node.refs[index], _taken(chain, index)
                    if type(ref) is Part:
                        self._add_part(found, ref, index, taken)
                        continue
                    task = _task_of(ref)
                    if mode != "plain" and task in tasks:
                        # Of a carrier or a pack, all members take the same refs.
                        tasks[task].count += 1
                    elif self._send(found, ref, index, 1, node.placement[index], taken):
                        tasks[task] = found.sent[-1]

    @_harmless
    def direct(self, node: Node, began: float) -> None:
        """One member was submitted as the plain program does: the last one of `node`."""
        with self._lock:
            found = self._direct.get(node.group_id)
            if found is None:
                why = reasons.direct(node)
                found = self._direct[node.group_id] = self._add(
                    node, 0, "plain" if config.backend() == "group" else config.backend(), why, began
                )
                weakref.finalize(node, self._direct.pop, node.group_id, None).atexit = False
            found.members += 1
            found.ended = time.time()
            self._send(found, node.refs[-1], node.size - 1, 1, None, ())

    @_harmless
    def gathering(self, chain: list[Node], members: int) -> Callable[[Any, range | int], None] | None:
        """A group or chain of which only the values are wanted is run; what is given is told of each of its tasks."""
        began, last = time.time(), chain[-1]
        with self._lock:
            for node in chain[:-1]:
                self._add_inner(node, last, members, began)
            found = self._add(last, members, "slices", "only its values are wanted", began)

        @_harmless
        def ended(ref: Any, members: range | int) -> None:
            first, count = (members, 1) if isinstance(members, int) else (members.start, len(members))
            with self._lock:
                found.ended = time.time()
                self._send(found, ref, first, count, None, ())

        return ended

    @_harmless
    def early(self, name: str, ref: Any) -> None:
        """A call was submitted ahead of its turn."""
        with self._lock:
            path, line = _place()
            here = (path, line, "ahead")
            # A loop may have several such calls, which take turns.
            last = takewhile(lambda one: (one.path, one.line, one.mode) == here, reversed(self.submissions))
            found = next((one for one in last if one.name == name), None)
            if found is None:
                now = time.time()
                found = Submission(path, line, "Map", name, 0, 0, "ahead", "a get in every round of a loop", now, now)
                self.submissions.append(found)
            found.members += 1
            found.ended = time.time()
            self._send(found, ref, found.members - 1, 1, None, ())

    @_harmless
    def collect(self) -> None:
        """Read what Ray knows of all tasks so far: at the end of a program, and before Ray ends."""
        if config.backend() == "inline" or not ray.is_initialized():
            return
        self.look()
        self.nodes = list(dict.fromkeys([*self.nodes, *(node["NodeID"] for node in ray.nodes())]))
        deadline = time.monotonic() + PATIENCE
        while True:
            self.runs.update(rayprivate.task_runs())
            if all(_is_told(self.runs.get(task)) for task in self.ended) or time.monotonic() > deadline:
                break
            time.sleep(0.1)

    def look(self) -> bool:
        """Look which tasks have ended, and how large their results are; whether some still run."""
        with self._lock:
            waiting = dict(self._waiting)
        if not waiting:
            return False
        if not ray.is_initialized():
            # Asking would start another session; nothing of the one that is over runs any more.
            with self._lock:
                self._waiting.clear()
            return False
        try:
            done = ray.wait(list(waiting), num_returns=len(waiting), timeout=0, fetch_local=False)[0]
            found = ray.experimental.get_object_locations(done)
        except Exception:
            # Refs of a connection that is over.
            done, found = list(waiting), {}
        with self._lock:
            for ref in done:
                sent = self._waiting.pop(ref, None)
                if sent is None:
                    continue  # another thread looked at the same time
                self.ended.add(sent.task)
                size = found.get(ref, {}).get("object_size")
                if size is not None:
                    self.sizes[ref.hex()] = size
            return bool(self._waiting)

    def transfers(self) -> Iterator[tuple[Submission, Sent, Sent, int]]:
        """What crossed between nodes: who took it, its task, the task that made it, and the bytes.

        Known are results of the program's groups, by where both tasks ran; an object comes to a node once. Values of up
        to 100 KB travel inside of messages, and are left out.
        """
        makers = {given: sent for one in self.submissions for sent in one.sent for given in sent.gives}
        there: set[tuple[str, str]] = set()
        for submission in self.submissions:
            for sent in submission.sent:
                here = self.node_of(sent)
                for taken in sent.takes:
                    maker = makers.get(taken)
                    home = self.node_of(maker) if maker is not None else None
                    size = self.sizes.get(taken, 0)
                    if maker is None or here is None or home in (None, here) or size <= LARGE:
                        continue
                    if (taken, here) not in there:
                        there.add((taken, here))
                        yield submission, sent, maker, size

    def node_of(self, sent: Sent) -> str | None:
        """The node that a task ran on, where that is known."""
        run = self.runs.get(sent.task)
        return run.node if run is not None else None

    def _add(self, node: Node, members: int, mode: str, why: str, began: float) -> Submission:
        path, line = self._made.get(node, ("", 0))
        from rayinfer.runtime.callees import name_of

        name = name_of(node.task)
        made = Submission(path, line, node.kind, name, node.group_id, members, mode, why, began, time.time())
        self.submissions.append(made)
        return made

    def _add_inner(self, node: Node, last: Node, members: int, began: float) -> None:
        line = self._made.get(last, ("", 0))[1]
        self._add(node, members, "fused", f"runs inside of the tasks of line {line}", began)

    def _add_part(self, to: Submission, part: Part, index: int, takes: Iterable[Any]) -> None:
        """A member that shares its task with others: these are counted, and what they take is taken once."""
        task = rayprivate.task_id(part.carrier)
        sent = next((one for one in reversed(to.sent) if one.task == task), None)
        if sent is None:
            self._send(to, part.carrier, index, 1, None, takes)
            return
        sent.count += 1
        sent.takes = tuple(dict.fromkeys((*sent.takes, *(one.hex() for one in takes))))

    def _why(self, node: Node, mode: str, batch: Batch, steps: int) -> str:
        # Looking through a task's code takes its time.
        key = (self._made.get(node), node.kind, mode, node in batch.open, steps)
        if key not in self._reasons:
            self._reasons[key] = reasons.why(node, mode, batch, steps)
        return self._reasons[key]

    def _send(self, to: Submission, ref: Any, first: int, count: int, asked: str | None, takes: Iterable[Any]) -> bool:
        # Several results of one task are a list.
        refs = [one for one in (ref if type(ref) is list else [ref]) if type(one) is ray.ObjectRef]
        task = _task_of(ref)
        if task is None or self.recorded >= MOST:
            self.unrecorded += 1
            return False
        self.recorded += 1
        sent = Sent(task, first, count, asked, *(tuple(one.hex() for one in some) for some in (takes, refs)))
        to.sent.append(sent)
        if refs and not self._waiting:
            watcher.look_after(self.look)
        self._waiting.update(dict.fromkeys(refs, sent))
        return True


def _is_told(run: rayprivate.TaskRun | None) -> bool:
    """Whether Ray has recorded all there is of a task that has ended.

    Its end is recorded by the driver, its beginning and what it did by its worker, up to a second later. Of a task that
    failed it may be that it never began.
    """
    return run is not None and run.ended is not None and (run.failed or run.started is not None or bool(run.events))


def _task_of(ref: Any) -> str | None:
    """The id of the task behind what a member gave: a ref, or a list of those of its results."""
    return rayprivate.task_id(ref[0] if type(ref) is list and ref else ref)


def _place() -> tuple[str, int]:
    """The file and line of the program from which rayinfer is called."""
    frame = sys._getframe(1)
    while frame.f_back is not None and is_ours(frame.f_code):
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno


def _taken(chain: Sequence[Node], index: int) -> Iterator[Any]:
    """The refs that member `index` takes from outside of its chain."""
    from rayinfer.runtime.calls import Member, operands, resolve, results_in
    from rayinfer.runtime.nodes import Node

    for step, node in enumerate(chain):
        call = node.calls[index - node.offset]
        for arg in operands(call):
            refs: Sequence[Any] = ()
            if isinstance(arg, Node):
                refs = arg.refs
            elif type(arg) is Member and arg.node not in chain[:step]:
                at = 0 if arg.node.kind == "Broadcast" else arg.index
                refs = arg.node.refs[at : at + 1]
            elif results := list(results_in(arg)):
                refs = [resolve(result) for result in results]
            elif type(arg) is ray.ObjectRef:
                refs = (arg,)
            held = (ref.carrier if type(ref) is Part else ref for ref in refs)
            yield from (ref for ref in held if type(ref) is ray.ObjectRef)


def _runs(batch: Batch) -> Iterator[tuple[Node, int, int]]:
    """The runs of a batch; those of a group of single tasks, which others interrupt, as one."""
    whole: dict[Node, tuple[Node, int, int]] = {}
    for node, start, stop in batch.runs:
        if node not in batch.singles:
            yield node, start, stop
        else:
            whole[node] = node, whole.get(node, (node, start, stop))[1], stop
    yield from whole.values()
