"""A fan-out that fills a grid whose cells later calls take: `t[i][j] = f.remote(t[i - 1][j], t[i][j - 1])`."""

from __future__ import annotations

import libcst as cst

from rayinfer.facts.effects import impure_part
from rayinfer.facts.flow import Definition
from rayinfer.patterns import ahead, slots
from rayinfer.patterns.comprehension import node_of
from rayinfer.patterns.context import Candidate, Context, Details, Fill, Refusal
from rayinfer.patterns.filling import fill_details, filled_by, start_of
from rayinfer.patterns.single import assigned_name
from rayinfer.patterns.taken import is_certain

VALID = (
    (
        "t = [[None] * 8 for _ in names]\nfor i in range(3):\n    for j in range(8):\n"
        "        t[i][j] = f.remote(t[i - 1][j] if i > 0 else None)",
        "Map",
    ),
    (
        "t = [None] * 8\nfor i in range(8):\n    before = t[i - 1] if i > 0 else None\n    t[i] = f.remote(before, i)",
        "Map",
    ),
    (
        "t = {}\nfor i in range(8):\n    for j in range(8):\n        t[i, j] = f.remote(t[i - 1, j] if i else None)",
        "Map",
    ),
    (
        "t = [[None] * 8 for _ in names]\nfor i in range(3):\n    for j in range(8):\n        t[i][j] = f.remote(i)",
        "Map",
    ),
)
INVALID = (
    (
        "t = [[None] * 8 for _ in names]\nfor i in range(3):\n    for j in range(8):\n"
        "        t[i][j] = f.remote(t[i - 1])",
        "RI108",
    ),
    (
        "t = [None] * 8\nfor i in range(1, 8):\n    x = t[i - 1]\n    t[i] = f.remote(x)\n    names[0] = x",
        "RI108",
    ),
    ("t = [[queue.pop()] * 8 for _ in names]\nfor i in range(3):\n    t[i][0] = f.remote(t[i - 1][0])", "RI108"),
    ("t = [None] * 8\nfor i in range(1, 8):\n    t[i] = f.remote([t[i - 1]])", "RI108"),
)


def match(site: cst.Call, context: Context) -> Candidate | None:
    """The candidate for `name[i][j] = f.remote(...)`, or for `name[i] = ...` whose loop reads other cells of `name`.

    Its statement is the one that starts the grid.

    Raises:
        Refusal: when the grid does not start at one place with new rows of plain values, or the callee is not known.
    """
    stmt = context.parent(site)
    if not isinstance(stmt, cst.Assign) or len(stmt.targets) != 1:
        return None
    found = _cell(stmt.targets[0].target)
    if found is None:
        return None
    receiver, keys, depth = found
    if depth == 1 and not _is_read_as_it_fills(receiver, context):
        return None
    start, value = start_of(receiver, context)
    if not (_is_new_rows(value, context) if depth > 1 else slots.is_new(value, context)):
        raise Refusal("RI108", f"`{receiver.value}` does not start as a new grid of plain values")
    for key in keys:
        slots.refuse_key(key, context)
    callee = filled_by(site, stmt, start, context)
    if callee.kind == "method":
        raise Refusal("RI104", "calls on actors whose refs go into a dict or a slot are left as they are")
    candidate = Candidate("grid", site, callee, node_of(callee), start, value, receiver.value)
    candidate.depth = depth
    candidate.fills.append(Fill(stmt, site, callee, receiver, tuple(keys)))
    return candidate


def details(candidate: Candidate, context: Context) -> Details:
    """The operands of a group that fills a grid; whether its members may run in tiles is noted in the candidate.

    Raises:
        Refusal: when an argument is not understood, or actors are made from earlier ones.
    """
    reads = _Reads(candidate, context)
    found = fill_details(candidate, context, frozenset(reads.arguments))
    if reads.arguments and candidate.callee.kind == "actor":
        raise Refusal("RI104", "actors that are made from the members of another group are left as they are")
    found.as_group += reads.symbols
    candidate.tiled = bool(reads.arguments) and reads.only_cells and _has_no_effect(candidate, context)
    return found


class _Reads:
    """The reads of a grid's name: of cells that its own calls take, and what comes after it is filled.

    `arguments` are the arguments that take cells, by their identity, `symbols` the names in what reads them while the
    grid grows; `only_cells` says that whatever reads it afterwards reads some single cells.
    """

    def __init__(self, candidate: Candidate, context: Context) -> None:
        self.candidate, self.context = candidate, context
        self.sites = {id(fill.site) for fill in candidate.fills}
        self.arguments: set[int] = set()
        self.symbols: list[cst.Name] = []
        self.only_cells = True
        if candidate.definition is None:
            return
        growing = self.growing = [_statement_beside(fill.stmt, candidate.stmt, context) for fill in candidate.fills]
        receivers = {id(fill.receiver) for fill in candidate.fills}
        for use in context.flow.uses(candidate.definition):
            if id(use) in receivers:
                continue
            if any(context.is_inside(use, statement) for statement in growing):
                taken = self._flows(use)
                if taken is not None:
                    self.arguments |= taken
                    self.symbols.append(use)
            elif not self._is_single_cell(use):
                self.only_cells = False

    def _flows(self, use: cst.Name) -> set[int] | None:
        """The arguments of the group's own calls that a cell reaches, and nothing else; None where it may."""
        cell = self._cell_of(use)
        if cell is None:
            return None
        return self._arguments_of(cell, follow=True)

    def _arguments_of(self, node: cst.CSTNode, follow: bool) -> set[int] | None:
        context = self.context
        parent = context.parent(node)
        while isinstance(parent, cst.IfExp) and node is not parent.test:
            node, parent = parent, context.parent(parent)
        if isinstance(parent, cst.Arg):
            return {id(parent)} if id(context.parent(parent)) in self.sites and not parent.star else None
        name = assigned_name(parent)
        own = context.flow.definition_at(name) if name is not None and follow else None
        if name is None or own is None or context.names.is_shared(name):
            return None
        if any(own.name in context.flow.live_after(statement) for statement in self.growing):
            return None
        found: set[int] = set()
        for use in context.flow.uses(own):
            taken = self._arguments_of(use, follow=False)
            if taken is None or not self._only_takes_cells(use, own):
                return None
            found |= taken
        return found

    def _only_takes_cells(self, use: cst.Name, own: Definition) -> bool:
        """Whether a use sees this group's cells or plain values: no other group's, which have symbols of their own."""
        others = self.context.groups_reaching(use)
        return not others and own in self.context.reaching(use)

    def _cell_of(self, use: cst.Name) -> cst.CSTNode | None:
        """The expression `name[i][j]` around a name, where it reads a cell and its subscripts do nothing else."""
        node: cst.CSTNode = use
        for _ in range(self.candidate.depth):
            parent = self.context.parent(node)
            if not isinstance(parent, cst.Subscript) or parent.value is not node:
                return None
            if any(not isinstance(element.slice, cst.Index) for element in parent.slice):
                return None
            if any(impure_part(element, self.context.names) is not None for element in parent.slice):
                return None
            node = parent
        parent = self.context.parent(node)
        return None if isinstance(parent, cst.AssignTarget | cst.AugAssign | cst.Del) else node

    def _is_single_cell(self, use: cst.Name) -> bool:
        """Whether a read of the filled grid is of its length, or of one cell, once for each time that it is made."""
        context = self.context
        arg = context.parent(use)
        taker = context.parent(arg) if isinstance(arg, cst.Arg) and not arg.star else None
        if isinstance(taker, cst.Call) and context.names.dotted(taker.func) == "builtins.len":
            return True
        if self._cell_of(use) is None or context.reaching(use) != {self.candidate.definition}:
            return False
        suite = _suite_of(self.candidate.stmt, context)
        node: cst.CSTNode | None = use
        while node is not None and context.parent(node) is not suite:
            if isinstance(node, cst.For | cst.While | cst.BaseComp | cst.Lambda):
                return False
            node = context.parent(node)
        return node is not None


def _cell(target: cst.BaseExpression) -> tuple[cst.Name, list[cst.BaseExpression], int] | None:
    """The name, the keys and the number of subscripts of `name[i]`, `name[i, j]` or `name[i][j]`."""
    keys: list[cst.BaseExpression] = []
    depth = 0
    while isinstance(target, cst.Subscript):
        parts = [element.slice.value for element in target.slice if isinstance(element.slice, cst.Index)]
        if len(parts) < len(target.slice):
            return None
        keys[:0] = parts
        target, depth = target.value, depth + 1
    right = isinstance(target, cst.Name) and (depth == 1 or (depth == 2 and len(keys) == 2))
    return (target, keys, depth) if right and isinstance(target, cst.Name) else None


def _is_read_as_it_fills(receiver: cst.Name, context: Context) -> bool:
    """Whether a loop that assigns to items of a container reads items of it, too."""
    read: list[cst.Name] = []
    stored: list[cst.Name] = []
    for use in {use for definition in context.reaching(receiver) for use in context.flow.uses(definition)}:
        item = context.parent(use)
        if isinstance(item, cst.Subscript):
            (stored if isinstance(context.parent(item), cst.AssignTarget) else read).append(use)
    loops = [loop for use in read if (loop := _outermost_loop(use, context)) is not None]
    return any(context.is_inside(use, loop) for loop in loops for use in stored)


def _outermost_loop(node: cst.CSTNode | None, context: Context) -> cst.For | None:
    loop: cst.For | None = None
    while node is not None and not isinstance(node, cst.FunctionDef | cst.ClassDef | cst.Module):
        loop = node if isinstance(node, cst.For) else loop
        node = context.parent(node)
    return loop


def _is_new_rows(value: cst.BaseExpression, context: Context) -> bool:
    """Whether an expression makes a list of new lists of plain values: `[[None] * n for _ in xs]`."""
    if not isinstance(value, cst.ListComp) or not isinstance(value.elt, cst.List | cst.BinaryOperation | cst.ListComp):
        return False
    if value.for_in.asynchronous is not None:
        return False
    if isinstance(value.elt, cst.ListComp):
        return is_certain(value.elt.elt)
    return slots.is_new(value.elt, context)


def _statement_beside(stmt: cst.CSTNode, start: cst.CSTNode, context: Context) -> cst.CSTNode:
    """The statement around `stmt` that stands in the suite of `start`."""
    suite = _suite_of(start, context)
    node = stmt
    while (above := context.parent(node)) is not None and above is not suite:
        node = above
    return node


def _suite_of(stmt: cst.CSTNode, context: Context) -> cst.CSTNode | None:
    """The suite that the line of a small statement stands in."""
    line = context.parent(stmt)
    return context.parent(line) if line is not None else None


def _has_no_effect(candidate: Candidate, context: Context) -> bool:
    """Whether the task is of this file, and does nothing but compute: such members may run in tiles."""
    callee = candidate.callee
    return callee.kind == "task" and callee.file is None and ahead.effect_of(candidate.site, context) is None
