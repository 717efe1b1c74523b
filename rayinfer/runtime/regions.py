"""Regions: what a thread has pending, and when it is submitted."""

from __future__ import annotations

import atexit
import os
import threading
import time
import weakref
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rayinfer.runtime import config, rayprivate
from rayinfer.runtime.calls import Call, operands, resolved_call
from rayinfer.runtime.sending import send_by
from rayinfer.runtime.sharing import Shared
from rayinfer.runtime.values import ATOMIC
from rayinfer.runtime.watcher import LOOK_SECONDS, watcher

if TYPE_CHECKING:
    from rayinfer.runtime.growth import Growth
    from rayinfer.runtime.nodes import Node
    from rayinfer.runtime.observer import Observer
    from rayinfer.runtime.recorder import Recorder

# A region that nothing ends (an exception left it, its arguments are slow to make) is submitted after this many
# seconds; but not before plain Ray could have submitted so many members, each of which takes it at least so long
# (35 to 66 us were measured): nothing is late until then.
ABANDONED = 2 * LOOK_SECONDS
LEAST_SUBMIT_SECONDS = 3e-5
# Members whose arguments take the driver longer to make than plain Ray spends on a whole task (0.1 to 0.3 ms, in all
# processes) go out meanwhile: there is more to lose by their wait than to win. That is seen by the processor time of
# the thread, after this many seconds, which a busy machine or a collection of garbage takes only now and then.
COSTLY_MEMBER_SECONDS = 2e-4
COSTLY_SECONDS = 5e-3
_hand_written = threading.RLock()
# Hears of every node and evaluation of a program whose executed graph is checked.
recorder: Recorder | None = None
# Hears of what is submitted, for `--stats` and `--trace`.
observer: Observer | None = None


@dataclass(slots=True)
class Batch:
    """What is submitted at once: runs `[node, start, stop]` of members in program order.

    Nobody will see the members of `dead` nodes; those of `open` ones leave as real refs that the program may do
    anything with. Of the open ones in `wanted` it sees only the members of these numbers. `singles` are groups of
    single tasks, whose refs were symbols until now.
    """

    runs: list[list[Any]]
    dead: Collection[Node] = ()
    open: Collection[Node] = ()
    wanted: Mapping[Node, Collection[int]] = field(default_factory=dict)
    singles: Collection[Node] = ()


@dataclass(slots=True, eq=False)
class Region:
    """The pending members of one thread, in program order."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    runs: list[list[Any]] = field(default_factory=list)
    tail: Node | None = None
    since: float = 0.0
    # When to look next whether members are slow to make, the processor time as they began, and the last such group.
    due: float = 0.0
    began: float = 0.0
    costly: int = -1
    early: list[weakref.ref[Node]] = field(default_factory=list)
    error: BaseException | None = None
    # The groups of single tasks, by the places that make them.
    places: dict[Any, Any] = field(default_factory=dict)
    # Whether a thread, the watcher perhaps, is submitting what was pending.
    flushing: bool = False
    # The frames whose single tasks go out where they stand, for a name holds no list.
    plain: set[int] = field(default_factory=set)
    # How many loops are under way whose iterators run code of the program: nothing is deferred in them.
    yielding: int = 0
    # The containers of the program's that groups are added to, before these are evaluated.
    growing: list[Growth] = field(default_factory=list)

    def yielding_to(self, iterator: Iterator[Any]) -> Iterator[Any]:
        """The items of `iterator`, while which are taken nothing is pending."""
        self.flush()
        self.yielding += 1
        try:
            # Not `yield from`, which would close a generator that the program may go on with.
            for item in iterator:  # noqa: UP028
                yield item
        finally:
            self.yielding -= 1

    def begin_run(self, node: Node) -> None:
        """Start a run of members with the one just added to `node`."""
        if self.runs:
            last = self.runs[-1]
            last[2] = last[0].size
        else:
            self.since = time.monotonic()
            self.due, self.began = self.since + COSTLY_SECONDS, time.thread_time()
            watcher.watch(self)
        self.runs.append([node, node.size - 1, 0])
        self.tail = node

    def is_late(self, now: float) -> bool:
        """Whether the plain program would have submitted what is pending by now (seconds of `time.monotonic`)."""
        return bool(self.runs) and now - self.since > max(ABANDONED, self._count() * LEAST_SUBMIT_SECONDS)

    def _count(self) -> int:
        """How many members are pending."""
        return sum(len(node.calls) for node in {run[0] for run in list(self.runs)})

    def hurry(self, node: Node) -> None:
        """Submit what is pending if its members are slow to make; from the second time on, those of `node` at once."""
        limit = max(COSTLY_SECONDS, self._count() * COSTLY_MEMBER_SECONDS)
        spent = time.thread_time() - self.began
        if spent < limit:
            self.due = time.monotonic() + limit - spent
            return
        self.flush()
        node.direct = self.costly == node.group_id
        self.costly = node.group_id

    def flush(self) -> None:
        """Submit everything pending, with everything live."""
        # In this order: a thread that has taken what was pending submits it until `flushing` is false again.
        if not self.runs and not self.flushing and not self.growing:
            return
        with self.lock:
            self.flushing = True
            try:
                runs = self._claim()
                if runs:
                    nodes = {run[0] for run in runs}
                    self.early += [weakref.ref(node) for node in nodes]
                    submit(Batch(runs, (), nodes))
            finally:
                self.flushing = False
                self._settle()

    def _whole(self, owner: int) -> None:
        self._settle()
        for growth in [one for one in self.growing if one.node.owner == owner]:
            growth.forget()

    def _settle(self) -> None:
        """Make whole what the members go into; another thread, such as the watcher, leaves that to its own."""
        if self.growing and current() is self:
            for growth in self.growing:
                growth.settle()

    def end(
        self,
        escaping: Collection[Node],
        keep: Collection[Node],
        owner: int,
        wanted: Mapping[Node, Collection[int]] | None = None,
    ) -> None:
        """Submit everything pending; what neither escapes nor is kept is dead, if the frame `owner` made it.

        Of the groups in `wanted` the members of these numbers escape. Other nodes belong to a caller, which is in the
        middle of a region of its own: a property may have called us.
        """
        with self.lock:
            self.plain.discard(owner)
            error, self.error = self.error, None
            if error is not None:
                self._whole(owner)
                raise error
            early, self.early = self.early, []
            singles = set(self.places.values())
            runs = self._claim()
            wanted = wanted or {}
            live = {*escaping, *keep, *wanted}
            pending = {run[0] for run in runs}
            foreign = {node for node in pending if node.owner != owner}
            dead = pending - live - foreign
            if runs:
                self.early += [weakref.ref(node) for node in foreign]
                try:
                    submit(Batch(runs, dead, {*escaping, *foreign, *wanted}, wanted, singles))
                finally:
                    self._whole(owner)
            self._whole(owner)
            for node in dead:
                node.release()
            for reference in early:
                node_or_none = reference()
                if node_or_none is None or node_or_none in live:
                    continue
                if node_or_none.owner == owner:
                    node_or_none.release()
                else:
                    self.early.append(reference)

    @contextmanager
    def held(self) -> Iterator[list[list[Any]]]:
        """What is pending; meanwhile none of it is submitted, also where Ray is asked for something."""
        with self.lock:
            runs, self.runs = self.runs, []
            try:
                yield runs
            finally:
                self.runs = runs

    def give_up(self, chain: list[Node]) -> bool:
        """Take nodes whose members are the last ones pending, in this order, out of the region; false when not."""
        with self.lock:
            pending = [run[0] for run in self.runs]
            if pending[-len(chain) :] != chain or any(node in chain for node in pending[: -len(chain)]):
                return False
            del self.runs[-len(chain) :]
            self.tail = None
            if not self.runs:
                watcher.unwatch(self)
            return True

    def _claim(self) -> list[list[Any]]:
        runs, self.runs = self.runs, []
        self.places = {}
        if runs:
            runs[-1][2] = runs[-1][0].size
        self.tail = None
        watcher.unwatch(self)
        return runs


class _Threads(threading.local):
    def __init__(self) -> None:
        self.region = Region()


_threads = _Threads()


def current() -> Region:
    """The region of the calling thread."""
    return _threads.region


def is_direct() -> bool:
    """Whether nodes are submitted as they are made, in program order and by plain `.remote`."""
    return config.backend() != "group"


def submit(batch: Batch) -> None:
    """Hand a batch to the group backend; on an error, what follows it in the batch is given up.

    Raises what a submission raises.
    """
    from rayinfer.runtime import group

    nodes = {run[0] for run in batch.runs}
    try:
        group.submit(batch)
    finally:
        for node in nodes:
            node.submitted()
            if node.calls:
                node.calls.clear()
                node.targets.clear()
                node.size = len(node.refs)


def submit_direct(node: Node, call: Call, target: Any) -> None:
    """Submit one member now, by plain `.remote`, after everything pending before it."""
    from rayinfer.runtime.callees import remote_of

    region = node.home
    if region is not None:
        region.flush()
    evaluate_argument(target)
    args, kwargs = _ready(call)
    began = time.time() if observer is not None else 0.0
    sent(node, remote_of(node.task, call, target)(*args, **kwargs), began)


def _ready(call: Call) -> tuple[Sequence[Any], dict[str, Any]]:
    """The arguments of a call, whose members are evaluated before."""
    given = operands(call)
    if ATOMIC.issuperset(map(type, given)):
        return call.args, call.kwargs
    for arg in given:
        evaluate_argument(arg)
    return resolved_call(call)


def send_now(node: Node, call: Call, actor: Any, way: Any) -> None:
    """Send one call of a group on an actor, by the way there is, when nothing is pending in its region."""
    args, kwargs = _ready(call)
    began = time.time() if observer is not None else 0.0
    region = node.home
    if region is not None:
        region.flush()
        if not node.refs:
            # The end of the region is to drop its refs, unless they are kept.
            region.early.append(weakref.ref(node))
    node.sources.share()
    sent(node, send_by(way, actor, node.task, node.sources.shared or Shared(), args, kwargs), began)


def sent(node: Node, ref: Any, began: float = 0.0) -> None:
    """Note that the next member of a node was submitted now, and gave `ref`."""
    node.refs.append(ref)
    node.placement.append(None)
    node.offset += 1
    node.size += 1
    if observer is not None:
        observer.direct(node, began)


def evaluate_argument(arg: Any) -> None:
    """Submit the node that an argument names, if it is not submitted yet."""
    from rayinfer.runtime.calls import symbols
    from rayinfer.runtime.nodes import Node

    for node in (arg,) if isinstance(arg, Node) else {member.node for member in symbols(arg)}:
        if node.calls:
            evaluate_node(node)


def evaluate_node(node: Node) -> None:
    """Submit a node and what it needs, with everything live."""
    if node.home is not None:
        node.home.flush()
        return
    with _hand_written:
        found: dict[int, Node] = {}
        work = [node]
        while work:
            current_node = work.pop()
            if current_node.group_id in found or not current_node.calls:
                continue
            if current_node.home is not None:
                current_node.home.flush()
                continue
            found[current_node.group_id] = current_node
            work.extend(current_node.sources.by_node)
            work.extend(current_node.sources.whole)
            work.extend(t.node for t in current_node.targets if hasattr(t, "node"))
        ordered = [found[key] for key in sorted(found)]
        if ordered:
            submit(Batch([[n, n.offset, n.size] for n in ordered], (), ()))


def _flush_current() -> None:
    region = _threads.region
    if region.runs or region.flushing or region.growing:
        region.flush()


config.prepare()
rayprivate.before_use(_flush_current)
# Ray's own exit handler was registered when it was imported, before this one, and so runs after it.
atexit.register(watcher.end)
# A fork waits until the thread, which the new process does not have, holds nothing.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=watcher.asking.acquire, after_in_parent=watcher.asking.release, after_in_child=watcher.forked
    )
if config.observed:
    from rayinfer.runtime.observer import Observer

    observer = Observer()
    rayprivate.before_end(observer.collect)
