"""The control-flow graph of one block of code: basic blocks over statements, with the edges that exceptions take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import libcst as cst

from rayinfer.facts.events import Event, events_of
from rayinfer.facts.scopes import Scopes

_Handler = cst.ExceptHandler | cst.ExceptStarHandler
Point = tuple[int, int]  # a basic block, and the number of its units that have run


@dataclass(slots=True)
class Unit:
    """What runs as one step: a small statement, or the header of a compound one."""

    stmt: cst.CSTNode
    events: list[Event]


@dataclass(slots=True)
class BasicBlock:
    """Units that run one after the other; any of them may instead jump to block `handler` (None: leaves the code)."""

    handler: int | None
    units: list[Unit] = field(default_factory=list)
    successors: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Graph:
    """Blocks in the order of their making: 0 is the entry, 1 the exit. A `finally` body can stand for two places."""

    blocks: list[BasicBlock] = field(default_factory=list)
    before: dict[cst.CSTNode, list[Point]] = field(default_factory=dict)
    after: dict[cst.CSTNode, list[Point]] = field(default_factory=dict)
    end: dict[cst.CSTNode, list[Point]] = field(default_factory=dict)


ENTRY, EXIT = 0, 1
# A `finally` body is built twice, for completion and for jumps; below this depth of such bodies in one another, once.
_MOST_COPIES = 3


def build(block: cst.Module | cst.FunctionDef, scopes: Scopes) -> Graph:
    """The graph of a module's or function's body, as in the Dragon Book, section 8.4, with exceptional edges."""
    builder = _Builder(block, scopes)
    builder.run(block)
    return builder.graph


@dataclass(slots=True)
class _Loop:
    leave: int
    again: int


@dataclass(slots=True)
class _Cleanup:
    """A `finally` around what is being built: jumps out of it go to `entry` first."""

    entry: int
    pending: set[str] = field(default_factory=set)


class _Builder:
    def __init__(self, block: cst.Module | cst.FunctionDef, scopes: Scopes) -> None:
        self.graph = Graph()
        self.scopes = scopes
        self.scope = scopes.scope_of(block)
        self.handler: int | None = None
        self.frames: list[_Loop | _Cleanup] = []
        self.copies = 0
        self.now = self.new()
        self.new()
        self.done = self.here()  # where the last statement completed; after a jump, where it left

    def run(self, block: cst.Module | cst.FunctionDef) -> None:
        self.suite(block if isinstance(block, cst.Module) else block.body)
        self.edge(EXIT)

    def new(self) -> int:
        self.graph.blocks.append(BasicBlock(self.handler))
        return len(self.graph.blocks) - 1

    def edge(self, target: int) -> None:
        self.graph.blocks[self.now].successors.add(target)

    def start(self) -> int:
        """Go on in a new block that follows the present one."""
        fresh = self.new()
        self.edge(fresh)
        self.now = fresh
        return fresh

    def here(self) -> Point:
        return self.now, len(self.graph.blocks[self.now].units)

    def mark(self, table: dict[cst.CSTNode, list[Point]], node: cst.CSTNode) -> None:
        table.setdefault(node, []).append(self.here())

    def unit(self, stmt: cst.CSTNode, *parts: tuple[cst.CSTNode | None, str]) -> list[Event]:
        """Add a unit that evaluates the parts in turn."""
        events = events_of([(node, op, False) for node, op in parts], self.scope, self.scopes)
        self.graph.blocks[self.now].units.append(Unit(stmt, events))
        return events

    def jump(self, kind: str) -> None:
        """Leave by `return`, `break` or `continue`, through the innermost `finally` if there is one in between."""
        for frame in reversed(self.frames):
            if isinstance(frame, _Cleanup):
                frame.pending.add(kind)
                self.edge(frame.entry)
                return
            if kind != "return":
                self.edge(frame.leave if kind == "break" else frame.again)
                return
        self.edge(EXIT)

    def suite(self, suite: cst.BaseSuite | cst.Module) -> None:
        self.statements(suite.body)
        self.mark(self.graph.end, suite)
        if self.done != self.here():  # ends with a jump: what is live where that goes counts
            self.graph.end[suite].append(self.done)

    def statements(self, body: Sequence[cst.CSTNode]) -> None:
        self.done = self.here()
        for stmt in body:
            self.mark(self.graph.before, stmt)
            compound = _COMPOUND.get(type(stmt).__name__)
            if compound is not None:
                handler = self.handler
                after = self.new()
                compound(self, stmt, after)
                assert self.handler == handler
                self.now = after
                self.done = self.here()
            elif isinstance(stmt, cst.SimpleStatementLine):
                self.statements(stmt.body)
            else:
                self.simple(stmt)
            self.graph.after.setdefault(stmt, []).append(self.done)

    def simple(self, stmt: cst.CSTNode) -> None:
        self.unit(stmt, (stmt, "load"))
        self.done = self.here()
        kind = type(stmt).__name__
        if kind in ("Return", "Break", "Continue", "Raise"):
            if kind != "Raise":
                self.jump(kind.lower())
            self.now = self.new()

    def if_(self, node: cst.If, after: int) -> None:
        branch: cst.If | cst.Else | None = node
        while isinstance(branch, cst.If):
            if branch is not node:
                self.mark(self.graph.before, branch)
                self.graph.after.setdefault(branch, []).append((after, 0))
            self.unit(branch, (branch.test, "load"))
            test = self.now
            self.start()
            self.suite(branch.body)
            self.edge(after)
            self.now = test
            self.start()
            branch = branch.orelse
        if branch is not None:
            self.suite(branch.body)
        self.edge(after)

    def while_(self, node: cst.While, after: int) -> None:
        head = self.start()
        self.unit(node, (node.test, "load"))
        self.loop(node, head, after, endless=_is_true(node.test))

    def for_(self, node: cst.For, after: int) -> None:
        self.unit(node, (node.iter, "load"))
        head = self.start()
        self.unit(node)
        self.loop(node, head, after)

    def loop(self, node: cst.For | cst.While, head: int, after: int, endless: bool = False) -> None:
        self.start()
        if isinstance(node, cst.For):
            self.unit(node, (node.target, "store"))
        self.frames.append(_Loop(leave=after, again=head))
        self.suite(node.body)
        self.frames.pop()
        self.edge(head)
        self.now = self.new()
        if not endless:
            self.graph.blocks[head].successors.add(self.now)
        if node.orelse is not None:
            self.suite(node.orelse.body)
        self.edge(after)

    def with_(self, node: cst.With, after: int) -> None:
        outer = self.handler
        leave = self.new()
        for number, item in enumerate(node.items):
            self.unit(node, (item.item, "load"))
            target = None if item.asname is None else item.asname.name
            if isinstance(target, cst.Name):
                self.unit(node, (target, "store"))  # cannot fail
            if number == 0:
                self.handler = leave
                self.start()
            if target is not None and not isinstance(target, cst.Name):
                self.unit(node, (target, "store"))
        self.suite(node.body)
        self.edge(leave)
        self.handler = outer
        # The context manager may raise, and may suppress what was raised.
        self.now = leave
        self.edge(after)
        if outer is not None:
            self.edge(outer)

    def guarded(self, inner: Callable[[], None], cleanup: Callable[[], None], after: int) -> None:
        """Build `inner` so that `cleanup` runs however it is left."""
        outer = self.handler
        if self.copies >= _MOST_COPIES:
            normal = entry = self.new()
        else:
            normal, entry = self.new(), self.new()
        frame = _Cleanup(entry)
        self.frames.append(frame)
        self.handler = entry
        self.start()
        inner()
        self.edge(normal)
        self.frames.pop()
        self.handler = outer
        self.copies += 1
        self.now = normal
        cleanup()
        self.edge(after)
        if entry != normal:
            self.now = entry
            cleanup()
        self.copies -= 1
        for kind in sorted(frame.pending):
            self.jump(kind)
        if outer is not None:
            self.edge(outer)

    def try_(self, node: cst.Try | cst.TryStar, after: int) -> None:
        if node.finalbody is None:
            self.handled(node, after)
            return
        final = node.finalbody.body

        def inner() -> None:
            joined = self.new()
            self.handled(node, joined)
            self.now = joined

        self.guarded(inner, lambda: self.suite(final), after)

    def handled(self, node: cst.Try | cst.TryStar, after: int) -> None:
        outer = self.handler
        handlers: Sequence[_Handler] = node.handlers
        tests = [self.new() for _ in handlers]
        if tests:
            self.handler = tests[0]
        self.start()
        self.suite(node.body)
        self.handler = outer
        self.start()
        if node.orelse is not None:
            self.suite(node.orelse.body)
        self.edge(after)
        # What no handler takes goes on; `except*` may run several handlers, whatever the earlier ones did.
        several = isinstance(node, cst.TryStar)
        for number, handler in enumerate(handlers):
            following = tests[number + 1] if number + 1 < len(tests) else outer
            self.now = tests[number]
            self.unit(handler, (handler.type, "load"))
            if handler.type is not None and following is not None:
                self.edge(following)
            if several:
                self.edge(after)
                self.handler = following
            done = self.new()
            self.start()
            self.handled_by(handler, done)
            self.now = done
            self.edge(after)
            if several and following is not None:
                self.edge(following)
            self.handler = outer

    def handled_by(self, handler: _Handler, done: int) -> None:
        if handler.name is None:
            self.suite(handler.body)
            self.edge(done)
            return
        name = handler.name.name
        self.unit(handler, (name, "store"))
        self.guarded(lambda: self.suite(handler.body), lambda: self.cleared(handler, name), done)

    def cleared(self, handler: cst.CSTNode, name: cst.CSTNode) -> None:
        self.unit(handler, (name, "clear"))

    def match_(self, node: cst.Match, after: int) -> None:
        self.unit(node, (node.subject, "load"))
        for case in node.cases:
            self.start()
            events = self.unit(case, (case.pattern, "load"))
            tried = self.now
            self.start()
            self.graph.blocks[self.now].units.append(Unit(case, _certain(events)))
            if case.guard is not None:
                self.unit(case, (case.guard, "load"))
            guarded = self.now
            self.start()
            self.suite(case.body)
            self.edge(after)
            self.now = self.new()
            if not _is_irrefutable(case.pattern):
                self.graph.blocks[tried].successors.add(self.now)
            if case.guard is not None:
                self.graph.blocks[guarded].successors.add(self.now)
        self.edge(after)


def _certain(events: list[Event]) -> list[Event]:
    """The captures of a pattern that has matched: every name is bound, by one of its captures."""
    seen: set[str] = set()
    found = []
    for event in events:
        if event.op == "store":
            found.append(event._replace(maybe=event.name in seen))
            seen.add(event.name)
    return found


def _is_irrefutable(pattern: cst.MatchPattern) -> bool:
    while isinstance(pattern, cst.MatchAs) and pattern.pattern is not None:
        pattern = pattern.pattern
    return isinstance(pattern, cst.MatchAs)


def _is_true(test: cst.BaseExpression) -> bool:
    return (isinstance(test, cst.Name) and test.value == "True") or (
        isinstance(test, cst.Integer) and test.value == "1"
    )


_COMPOUND: dict[str, Callable[..., None]] = {
    "If": _Builder.if_,
    "While": _Builder.while_,
    "For": _Builder.for_,
    "With": _Builder.with_,
    "Try": _Builder.try_,
    "TryStar": _Builder.try_,
    "Match": _Builder.match_,
}
