"""Reaching definitions and liveness of the names of one block: a module's or a function's body."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import libcst as cst

from rayinfer.facts import solve
from rayinfer.facts.cfg import Graph, Point, build
from rayinfer.facts.events import STAR, Event
from rayinfer.facts.scopes import Scopes

_Place = tuple[int, int, int]  # block, unit, event


@dataclass(frozen=True, eq=False)
class Definition:
    """What a name can be bound by; compared by identity.

    `kind` is assign, augmented, for, with, import, def, class, param, except, match, walrus, del (also the implicit one
    that ends `except ... as`) or entry: not bound yet when the block starts. `node` is the name bound, the `*` of
    `import *`, or the block itself for an entry. `stmt` is the small statement, the compound statement whose header
    binds, or the `except` or `case` clause; None for a parameter, an entry and what a nested scope binds.
    """

    name: str
    node: cst.CSTNode
    stmt: cst.CSTNode | None
    kind: str

    @property
    def unbinds(self) -> bool:
        """Whether the name has no value there: not yet, or no longer."""
        return self.kind in ("entry", "del")


def surely_bind(definitions: Collection[Definition]) -> bool:
    """Whether a name has a value wherever these are the definitions that may have reached it."""
    return bool(definitions) and not any(definition.unbinds for definition in definitions)


def analyse(block: cst.Module | cst.FunctionDef, scopes: Scopes, exit_live: frozenset[str] | None = None) -> Flow:
    """Analyse one block. `exit_live` holds the names that are read after its end.

    By default these are all names of a module, none of a function. An exception that leaves the block is taken to end
    what can read its names. Both analyses are iterative data-flow over basic blocks (Kildall 1973; Aho, Lam, Sethi and
    Ullman, section 9.2).
    """
    return Flow(block, scopes, exit_live)


class Flow:
    """What may happen to the block's own names; every answer errs on the side of more.

    A name that a nested function, lambda, class, generator expression or annotation mentions is live everywhere, and
    what such a scope binds reaches every use. Names of other scopes are not tracked. A statement of another block gets
    the answer that is right anywhere.
    """

    def __init__(
        self, block: cst.Module | cst.FunctionDef, scopes: Scopes, exit_live: frozenset[str] | None = None
    ) -> None:
        self.block = block
        self.scope = scopes.scope_of(block)
        self.names = self.scope.bound
        self._scopes = scopes
        self._graph: Graph = build(block, scopes)
        if exit_live is None:
            exit_live = self.names if isinstance(block, cst.Module) else frozenset()
        self._exit_live = exit_live & self.names
        self._loads: dict[cst.CSTNode, list[_Place]] = {}
        self._writes: list[dict[str, list[tuple[int, int, Definition, bool]]]] = []
        self._local: dict[str, list[Definition]] = {}
        self._foreign: dict[str, list[Definition]] = {}
        self._collect()
        self._captured = frozenset(self._capture())
        self._liveness: solve.Liveness | None = None
        self._reaching: solve.Reaching[Definition] | None = None
        self._used: dict[str, dict[Definition, list[cst.Name]]] = {}
        self._ordered: dict[str, list[Definition]] = {}
        self._made_at: dict[str, dict[cst.CSTNode, Definition]] = {}

    def live_after(self, stmt: cst.CSTNode) -> frozenset[str]:
        """Names that may be read, before they are bound anew, once `stmt` has completed normally.

        `stmt` is a small statement, a line of them, or a compound statement (after the whole of it). For `break`,
        `continue` and `return` it is what is live where they go.
        """
        return self._live(self._graph.after.get(stmt))

    def live_before(self, stmt: cst.CSTNode) -> frozenset[str]:
        """Names that may be read, before they are bound anew, from the start of `stmt` on."""
        return self._live(self._graph.before.get(stmt))

    def is_live_after(self, stmt: cst.CSTNode, name: str) -> bool:
        """`name in live_after(stmt)`, without making the set: for questions about every statement of a long file."""
        points = self._graph.after.get(stmt)
        if name not in self.names:
            return False
        return name in self._captured or points is None or self._solved_liveness().holds(points, name)

    def live_at_end_of(self, body: cst.BaseSuite | cst.Module) -> frozenset[str]:
        """Names that may be read after the last statement of a suite, as at the end of a loop's body."""
        return self._live(self._graph.end.get(body))

    def reaching(self, use: cst.Name) -> frozenset[Definition]:
        """The definitions that a read of a name of this block may see; for one in a nested scope, all."""
        if self._scopes.owner(use) is not self.scope or not self._is_load(use):
            return frozenset()
        name = self._scopes.spelling(use)
        places = self._loads.get(use)
        if places is None:
            return self._all(name)
        return self._at(places, name)

    def reaching_before(self, stmt: cst.CSTNode, name: str) -> frozenset[Definition]:
        """The definitions of `name` that the point just before `stmt` may see."""
        if name not in self.names:
            return frozenset()
        points = self._graph.before.get(stmt)
        if points is None:
            return self._all(name)
        return self._at([(block, unit, 0) for block, unit in points], name)

    def definitions(self, name: str) -> list[Definition]:
        """Every definition of the name but its entry, in source order; those of nested scopes too."""
        if name not in self._ordered:
            found = [each for each in self._local.get(name, ()) if each.kind != "entry"] + self._foreign.get(name, [])
            self._ordered[name] = sorted(found, key=self._rank)
        return list(self._ordered[name])

    def definition_at(self, node: cst.Name) -> Definition | None:
        """The definition that a binding name makes; None for a name of another scope."""
        name = self._scopes.spelling(node)
        if name not in self._made_at:
            self._made_at[name] = {each.node: each for each in reversed(self.definitions(name))}
        return self._made_at[name].get(node)

    def uses(self, definition: Definition) -> list[cst.Name]:
        """The reads that a definition may reach, in source order."""
        name = definition.name
        if name not in self._used:
            table: dict[Definition, list[cst.Name]] = {}
            for node in self._scopes.occurrences(self.scope, name):
                if self._is_load(node):
                    tracked = node in self._loads
                    for reached in self.reaching(node) if tracked else self._all(name):
                        table.setdefault(reached, []).append(node)
            self._used[name] = table
        return list(self._used[name].get(definition, ()))

    def _is_load(self, node: cst.Name) -> bool:
        return self._scopes.kind_of(node) in (None, "augmented")

    def _rank(self, definition: Definition) -> int:
        node = definition.node
        return self._scopes.order(node) if isinstance(node, cst.Name) else -1

    def _collect(self) -> None:
        """Make the definitions of this block, and note where each name is written and read."""
        parameters = {}
        for name in sorted(self.names):
            for node in self._scopes.occurrences(self.scope, name):
                if self._scopes.kind_of(node) == "param":
                    parameters[name] = Definition(name, node, None, "param")
                    break
            self._local[name] = [parameters.get(name) or Definition(name, self.block, None, "entry")]
        made: dict[tuple[str, cst.CSTNode, str], Definition] = {}
        for number, block in enumerate(self._graph.blocks):
            writes: dict[str, list[tuple[int, int, Definition, bool]]] = {}
            for at, unit in enumerate(block.units):
                for index, event in enumerate(unit.events):
                    if event.op == "load":
                        self._loads.setdefault(event.node, []).append((number, at, index))
                        continue
                    for name in self.names if event.name == STAR else (event.name,):
                        key = (name, event.node, event.op)
                        if key not in made:
                            made[key] = Definition(name, event.node, unit.stmt, self._kind(event))
                            self._local[name].append(made[key])
                        writes.setdefault(name, []).append((at, index, made[key], event.maybe))
            self._writes.append(writes)

    def _kind(self, event: Event) -> str:
        if event.op == "clear":
            return "del"
        return (isinstance(event.node, cst.Name) and self._scopes.kind_of(event.node)) or "import"

    def _capture(self) -> Iterable[str]:
        """Names whose occurrences do not all stand in this block's own flow; what others bind becomes foreign."""
        if self._scopes.uses_dynamic_names or self.scope in self._scopes.read_whole:
            yield from self.names
        written = {each.node for local in self._local.values() for each in local}
        for name in self.names:
            for node in self._scopes.occurrences(self.scope, name):
                kind = self._scopes.kind_of(node)
                if node in written or node in self._loads or (kind == "declare"):
                    continue
                yield name
                if kind is not None:
                    self._foreign.setdefault(name, []).append(Definition(name, node, None, kind))

    def _live(self, points: list[Point] | None) -> frozenset[str]:
        if points is None:
            return self.names
        return self._solved_liveness().at(points) | self._captured

    def _solved_liveness(self) -> solve.Liveness:
        if self._liveness is None:
            self._liveness = solve.Liveness(self._graph, self.names, self._exit_live)
        return self._liveness

    def _all(self, name: str) -> frozenset[Definition]:
        return frozenset(self._local.get(name, [])) | frozenset(self._foreign.get(name, []))

    def _at(self, places: list[_Place], name: str) -> frozenset[Definition]:
        if self._reaching is None:
            self._reaching = solve.Reaching(self._graph, self._local, self._writes)
        found: set[Definition] = set(self._foreign.get(name, ()))
        if self._scopes.uses_dynamic_names:
            found.add(self._local[name][0])
        for block, unit, index in places:
            writes = self._writes[block].get(name, [])
            last = bisect_left(writes, (unit, index), key=lambda write: write[:2]) - 1
            while last >= 0:
                found.add(writes[last][2])
                if not writes[last][3]:
                    break
                last -= 1
            else:
                found |= self._reaching.entering(block, name)
        return frozenset(found)
