"""Records what a rewritten program executes, as IR with run-time operands, to be checked against the inferred."""

from __future__ import annotations

import threading
import types
import weakref
from collections.abc import Iterable, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rayinfer.ir import nodes as ir
from rayinfer.ir.graph import Graph
from rayinfer.ir.instance import Checker, Ended, Executed, Mismatch, Run
from rayinfer.ir.matching import shown
from rayinfer.runtime import rayprivate, regions
from rayinfer.runtime.callees import Several, name_of
from rayinfer.runtime.calls import Call, Member, Result, results_in
from rayinfer.runtime.nodes import Node
from rayinfer.runtime.operands import UNKNOWN, worth
from rayinfer.runtime.task_nodes import Broadcast, Group, Map
from rayinfer.runtime.values import ATOMIC

if TYPE_CHECKING:
    from collections.abc import Iterator

# How many argument lists that differ in their values alone are told apart.
_APART = 6
_KINDS: dict[str, type[ir.Group]] = {
    "Broadcast": ir.Broadcast,
    "Group": ir.Group,
    "Map": ir.Map,
    "InitActors": ir.InitActors,
    "MapActors": ir.MapActors,
    "ReduceActors": ir.ReduceActors,
}


class _Activation:
    """One call of a function, for as long as its frame lives: it is kept as the frame's trace function.

    Frames cannot be referred to weakly, their numbers are used again, and holding one would keep its variables alive.
    """

    __slots__ = ("open", "run")

    def __init__(self, run: Run) -> None:
        self.run = run
        self.open: list[_Record] = []

    def __call__(self, *_event: Any) -> None:
        """Trace nothing: called only where a debugger traces the frame."""


class _Record:
    """One group as it is being executed."""

    def __init__(self, node: Node) -> None:
        self.node = weakref.ref(node)
        self.number = node.group_id
        self.kind = "Group" if isinstance(node, Group) else node.kind
        self.name = name_of(node.task)
        self.line = 0
        self.size = 0
        # How many take the result of one task.
        self.takers: int | None = None
        self.complete = True
        self.grows = False
        self.in_order = True
        self.actors: set[int] = set()
        self.tasks: set[str] = set()
        self.widths: dict[str, int] = {}
        self.unknown: set[str] = set()
        self.shapes: dict[tuple[Any, ...], list[list[ir.Argument]]] = {}
        self.last: Call | None = None

    def look(self, node: Node, inferred: Iterable[ir.Group], frame: types.FrameType) -> None:
        """Learn what the inferred operands' texts are worth where the group is made."""
        self.takers = len(node) if isinstance(node, Broadcast) else None
        for group in inferred:
            if isinstance(group, ir.MapActors):
                self.tasks.add(str(node.task))
            else:
                value = worth(group.task, frame)
                if value is UNKNOWN or node.task is None or type(group) is ir.Group or type(node.task) is Several:
                    # Each call says what it calls.
                    self.unknown.add(group.task)
                elif value is node.task or value is rayprivate.without_options(node.task):
                    self.tasks.add(group.task)
            if group.width is not None:
                value = worth(group.width, frame)
                if type(value) is int:
                    self.widths[group.width] = value
                else:
                    self.unknown.add(group.width)

    def take(self, call: Call, target: Any) -> None:
        """Add one member."""
        index, self.size = self.size, self.size + 1
        if type(target) is Member:
            self.actors.add(target.node.group_id)
            # A call that is added to a list of its own may be one of some.
            in_row = self.line != 0 or target.index == index % max(len(target.node), 1)
            self.in_order = self.in_order and in_row
        if call is self.last:
            return
        own = self.node()
        slots = [ir.Argument(slot) for slot in _positional(call.args, index, own)]
        slots += [ir.Argument(_slot(value, index, own), keyword) for keyword, value in call.kwargs.items()]
        key = tuple((a.keyword, type(a.slot), None if isinstance(a.slot, ir.Value) else a.slot.groups) for a in slots)
        _note(self.shapes.setdefault(key, []), slots)
        same_for_all = not any(isinstance(a.slot, ir.Each | ir.Some | ir.Earlier) for a in slots)
        self.last = call if same_for_all else None

    def executed(self) -> Executed:
        """The group as an IR node with what its members took."""
        shapes = tuple(tuple(shape) for alike in self.shapes.values() for shape in alike)
        first = _as_one(next(iter(self.shapes.values()), []))
        kind, span = _KINDS[self.kind], ir.Span(self.line, 0, self.line, 0)
        group: ir.Group
        if issubclass(kind, ir.MapActors):
            whole = any(isinstance(a.slot, ir.All | ir.Refs) for shape in shapes for a in shape)
            kind = ir.ReduceActors if whole else kind
            actors = tuple(sorted(self.actors))
            group = kind(
                self.number, None, self.name, self.size, first, span, actors=actors, over=f"{self.size} handles"
            )
        else:
            group = kind(self.number, None, self.name, self.size if self.takers is None else self.takers, first, span)
        return Executed(
            group,
            shapes,
            frozenset(self.tasks),
            self.widths,
            frozenset(self.unknown),
            self.complete,
            self.in_order,
            self.grows and not self.size,
        )


def _note(known: list[list[ir.Argument]], slots: list[ir.Argument]) -> None:
    """Add an argument list to those that differ from it in their values at most; of many, the last stands for the rest.

    Several calls that fill one list may each have constants of their own, so that the first few are kept apart.
    """
    if slots in known:
        return
    if len(known) < _APART:
        known.append(slots)
        return
    known[-1] = list(_as_one([known[-1], slots]))


def _as_one(alike: Sequence[Sequence[ir.Argument]]) -> tuple[ir.Argument, ...]:
    """One argument list for some that differ in their values at most: of these the first, and that there are others."""
    return tuple(
        ir.Argument(ir.Value(f"{one[0].slot.operand.removesuffix(', ..')}, .."), one[0].keyword)
        if isinstance(one[0].slot, ir.Value) and any(other != one[0] for other in one[1:])
        else one[0]
        for one in zip(*alike, strict=True)
    )


class Recorder:
    """Hears of every node, member and evaluation of the program at `path`, whichever backend runs it.

    `made_at` is the line on which each inferred group's node is made.
    """

    def __init__(self, graphs: Sequence[Graph], made_at: Mapping[int, int], path: str) -> None:
        self.checker = Checker(graphs, made_at)
        self.path = path
        self._lock = threading.RLock()
        self._records: weakref.WeakKeyDictionary[Node, _Record] = weakref.WeakKeyDictionary()
        self._left: dict[int, _Activation] = {}

    def member(self, node: Node, call: Call, target: Any) -> None:
        """A node takes one member, with arguments as the program gave them."""
        if node.home is not None:
            with self._lock:
                record = self._record(node)
                record.name = name_of(node.task)
                record.take(call, target)

    def made(self, node: Node, frame: types.FrameType, complete: bool = True, grows: bool = False) -> None:
        """A node of a region was made; not `complete` when an exception ended it; empty so far where it `grows`."""
        if frame.f_code.co_filename != self.path:
            return
        with self._lock:
            record = self._record(node)
            record.line, record.complete, record.grows = frame.f_lineno, complete, grows
            record.look(node, self.checker.operands(record.line), frame)
            activation = self._activation(frame)
            activation.open.append(record)
            # What is never evaluated is checked at the end.
            self._left[id(activation)] = activation

    def evaluated(
        self,
        frame: types.FrameType,
        escaping: Iterable[Any],
        keep: Iterable[Any],
        values: Iterable[Any] = (),
        done: bool = True,
    ) -> None:
        """A region ends; it is not `done` where it is still to end, or when a submission raised."""
        if frame.f_code.co_filename != self.path:
            return
        with self._lock:
            activation = self._activation(frame)
            self._left.pop(id(activation), None)
            records, activation.open = activation.open, []
            alive = [(record, record.node()) for record in records]
            pending = tuple(r.number for r, node in alive if node is not None and node.calls and done)
            ended = Ended(frame.f_lineno, _numbers(escaping), _numbers(keep), pending, _numbers(values))
            later = self.checker.region(activation.run, [record.executed() for record in records], ended)
            activation.open = [record for record in records if record.number in later]
            if later:
                self._left[id(activation)] = activation

    def ahead(self, task: Any, call: Call, frame: types.FrameType) -> None:
        """A call was submitted ahead of its turn: a group of one member that is evaluated in place."""
        if frame.f_code.co_filename != self.path:
            return
        with self._lock:
            node = Map(task)
            record = _Record(node)
            record.line = frame.f_lineno
            record.look(node, self.checker.operands(record.line), frame)
            record.take(call, None)
            run = self._activation(frame).run
            self.checker.region(run, [record.executed()], Ended(record.line, (record.number,)))

    def passed(self, frame: types.FrameType) -> None:
        """A get passes on what it gives."""
        if frame.f_code.co_filename != self.path:
            return
        with self._lock:
            self.checker.passed(self._activation(frame).run, frame.f_lineno)

    def finish(self) -> list[Mismatch]:
        """Check what was never evaluated; every mismatch of the program."""
        with self._lock:
            for activation in self._left.values():
                self.checker.region(activation.run, [record.executed() for record in activation.open], None)
            self._left.clear()
            return self.checker.mismatches

    def _record(self, node: Node) -> _Record:
        found = self._records.get(node)
        if found is None:
            found = self._records[node] = _Record(node)
        return found

    def _activation(self, frame: types.FrameType) -> _Activation:
        found = frame.f_trace
        if not isinstance(found, _Activation):
            found = _Activation(self.checker.begin(frame.f_code.co_name, frame.f_code.co_firstlineno))
            frame.f_trace = found
        return found


@contextmanager
def recording(recorder: Recorder) -> Iterator[None]:
    """Inside, every node and evaluation is recorded."""
    before, regions.recorder = regions.recorder, recorder
    try:
        yield
    finally:
        regions.recorder = before


def _numbers(values: Iterable[Any]) -> tuple[int | None, ...]:
    return tuple(value.group_id if isinstance(value, Node) else None for value in values)


def _positional(args: Sequence[Any], index: int, own: Node | None) -> Iterator[ir.Slot]:
    """The slots of positional arguments; all members of a group in a row are one."""
    if own is not None and own.home is not None and any(node is own for node in own.home.places.values()):
        # What single tasks take may be of groups that go on growing.
        yield from (_slot(arg, index, own) for arg in args)
        return
    place = 0
    while place < len(args):
        arg = args[place]
        width = len(arg.node) if type(arg) is Member and arg.index == 0 and arg.node is not own else 0
        row = args[place : place + width]
        if width > 1 and all(type(a) is Member and a.node is arg.node and a.index == i for i, a in enumerate(row)):
            if len(row) == width:
                yield ir.All((arg.node.group_id,))
                place += width
                continue
        column = None if _list_of_all(arg, index) is not None else _column(args[place:], index)
        if column is not None:
            yield ir.All(*column)
            place += len(results_in(arg)[0].member.node)
            continue
        yield _slot(arg, index, own)
        place += 1


def _column(row: Sequence[Any], index: int) -> tuple[tuple[int], str] | None:
    """The group of which these begin with one result of every member, and which one; None where they do not."""
    first = results_in(row[0]) if row else ()
    if not first:
        return None
    node, places = first[0].member.node, [result.place for result in first]
    if len(row) < len(node):
        return None
    for number, results in enumerate(map(results_in, row[: len(node)])):
        if [result.place for result in results] != places:
            return None
        if any(result.member.node is not node or result.member.index != number for result in results):
            return None
    return (node.group_id,), ir.ANY if type(row[0]) is list else ir.OWN if places == [index] else str(places[0])


def _list_of_all(arg: Any, index: int) -> ir.Refs | None:
    """The slot of a list that holds one result of every member of a group; None for anything else."""
    column = _column(arg, index) if type(arg) in (list, tuple) else None
    whole = column is not None and len(arg) == len(results_in(arg)[0].member.node)
    return ir.Refs(*column) if column is not None and whole else None


def _slot(arg: Any, index: int, own: Node | None) -> ir.Slot:
    if type(arg) is Member:
        if arg.node is own:
            return ir.Earlier((arg.node.group_id,))
        kind = ir.Shared if isinstance(arg.node, Broadcast) else ir.Each if arg.index == index else ir.Some
        return kind((arg.node.group_id,))
    if type(arg) is Result:
        source = arg.member.node
        return (ir.Earlier if source is own else ir.Some)((source.group_id,), str(arg.place))
    listed = _list_of_all(arg, index)
    if listed is not None:
        return listed
    if isinstance(arg, Broadcast):
        return ir.Shared((arg.group_id,))
    if isinstance(arg, Node):
        return ir.Refs((arg.group_id,))
    return ir.Value(shown(arg) if type(arg) in ATOMIC else f"<{type(arg).__name__}>")
