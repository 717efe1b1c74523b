"""What a pattern may look at, and what it gives back: a candidate group, or a refusal with its code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

from rayinfer.facts.effects import describe_effect, is_plain_iterable
from rayinfer.facts.flow import Definition, Flow
from rayinfer.facts.lifetimes import Lifetimes
from rayinfer.facts.names import Names
from rayinfer.facts.scopes import Scopes
from rayinfer.facts.walk import upwards
from rayinfer.ir.nodes import OTHER, Argument, Broadcast, Group, InitActors, Slot
from rayinfer.source.module import Source

if TYPE_CHECKING:
    from rayinfer.patterns.symbols import Symbols

# What takes all of a generator expression at once, and gives a container of what it yields.
CONSUMERS = frozenset({"builtins.list", "builtins.tuple", "builtins.set", "builtins.frozenset"})
_TAKERS = CONSUMERS | {"builtins.dict", "builtins.max", "builtins.min", "builtins.sorted", "builtins.sum"}


# Who may read a name besides what follows in its block, where the program catches exceptions.
BY_HANDLERS = "where an exception may lead"


class Refusal(Exception):
    """A submission that is left as it is; `code` is a registered remark code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True)
class Callee:
    """What a `.remote` call calls: `kind` is `task`, `actor`, `method`, or `unknown`: a task or an actor class.

    `task` is the text of the remote function, of the class, or of the method's name; `target` what `.options(...)` or
    `.remote(...)` follows, `receiver` the actor of a method, and `options` the call of `.options`. `file` is the other
    file that defines a task or class. `several` says that each call may give a list of refs, and `counted` that it
    surely gives one.
    """

    kind: str
    task: str
    target: cst.BaseExpression
    receiver: cst.BaseExpression | None = None
    options: cst.Call | None = None
    file: str | None = None
    several: bool = False
    counted: bool = False


@dataclass(eq=False)
class Stretch:
    """Statements of one suite that only submit single tasks and pass their refs on to each other.

    `symbols` says what their names stand for, `candidates` are their submissions, in source order.
    """

    statements: tuple[cst.CSTNode, ...]
    symbols: Symbols
    candidates: list[Candidate] = field(default_factory=list)


@dataclass(frozen=True)
class Fill:
    """One statement that adds a member to a group: `receiver.append(site)`, `receiver[key] = site`, or `site` alone.

    `call` is the call of `append`; `callee` what `site` calls there. `binder` is the statement before, where that makes
    the call and binds its ref to a name. `beside` is what else the statement evaluates: of a tuple around the ref.
    `container` is what takes in the ref, where that is an attribute; `attribute` is its name as the compiler sees it.
    """

    stmt: cst.CSTNode
    site: cst.Call
    callee: Callee
    receiver: cst.Name | None = None
    keys: tuple[cst.BaseExpression, ...] = ()
    call: cst.Call | None = None
    binder: cst.CSTNode | None = None
    beside: tuple[cst.BaseExpression, ...] = ()
    container: cst.Attribute | None = None
    attribute: str = ""

    @property
    def stmts(self) -> tuple[cst.CSTNode, ...]:
        """The statements that add the member, in source order."""
        return (self.stmt,) if self.binder is None else (self.binder, self.stmt)


@dataclass(eq=False)
class Candidate:
    """A group that a pattern recognised: its `.remote` call (`site`) and what it becomes.

    `form` is `comprehension`, `append`, `joined`, `held`, `slot`, `grid`, `dropped`, `loop`, `single`, `later` or
    `ahead`.
    `stmt` is the small statement (or the `for` of a bare loop) that makes the group; one that is made inside another
    expression is `inline`, and evaluated in place. A group that grows has its statements in `fills`, the first of which
    holds `site`.
    """

    form: str
    site: cst.Call
    callee: Callee
    node: type[Group]
    stmt: cst.CSTNode
    holder: cst.CSTNode
    name: str | None = None
    # The name as the compiler sees it: `__x` is another one inside a class.
    spelling: str | None = None
    inline: bool = False
    # The call of `ray.get` around a group of tasks whose refs nothing else sees.
    got: cst.Call | None = None
    # Why a named group is evaluated in place.
    why: str = ""
    definition: Definition | None = None
    # The call of `list`, `tuple`, `set` or `frozenset` that takes all of a generator expression at once.
    consumer: cst.Call | None = None
    fills: list[Fill] = field(default_factory=list)
    # Of a grid: how many subscripts lead to a cell, and whether its members may run in tiles.
    depth: int = 0
    tiled: bool = False
    # Whether each item of the list is a tuple, list or dict with the ref in it.
    rowed: bool = False
    # The statements that a single task stands in, where it is one of a chain or tree.
    stretch: Stretch | None = None
    id: int = -1

    @property
    def sites(self) -> list[cst.Call]:
        """Every `.remote` call of the group, in source order."""
        return [self.site, *(fill.site for fill in self.fills[1:])]

    @property
    def made_by(self) -> cst.CSTNode:
        """What starts where the group's node is made."""
        if self.late:
            return self.stmt
        return self.consumer if isinstance(self.holder, cst.GeneratorExp) and self.consumer else self.holder

    @property
    def late(self) -> bool:
        """Whether the group is made right before the loop that it grows in, under a name of its own."""
        return self.form in ("dropped", "joined", "held")

    @property
    def taken_in(self) -> bool:
        """Whether a list or dict that is there already takes in the group's refs, when its loop is over."""
        return self.form in ("joined", "held")

    @property
    def listed(self) -> bool:
        """Whether the group is a list of what its calls give."""
        return self.node is not Broadcast and not self.keyed and not self.rowed

    @property
    def keyed(self) -> bool:
        """Whether the group's members are the values of a dict, or the slots of a list that is there already."""
        return self.form in ("slot", "grid") or isinstance(self.holder, cst.DictComp)


@dataclass
class Details:
    """The arguments of a candidate, once every group's definition is known."""

    args: list[Argument] = field(default_factory=list)
    # The arguments of the group's further calls, in source order.
    more: list[list[Argument]] = field(default_factory=list)
    objects: str | None = None
    # How many members there are, and the expression that says so.
    width: str | None = None
    bound: cst.BaseExpression | None = None
    actors: tuple[int, ...] = ()
    over: cst.BaseExpression | None = None
    # Whether call i goes to actor i.
    in_order: bool = True
    # Whether each member says what it calls: `of(f)(...)` instead of `call(...)`.
    named: bool = False
    # What is taken for granted about the callee, and checked when it runs.
    assumed: str = ""
    # The slots that take groups, with the group's name in the source.
    operands: list[tuple[Slot, str]] = field(default_factory=list)
    # Names that are read as a group, and stay a node: their occurrences, and those to be wrapped in `each`.
    as_group: list[cst.Name] = field(default_factory=list)
    wrap_each: list[cst.BaseExpression] = field(default_factory=list)
    splat_each: list[cst.Name] = field(default_factory=list)
    # What a string inside the group is quoted with: another quote than that of a formatted string around it.
    quote: str = '"'


@dataclass
class Loop:
    """What a comprehension or loop binds: `members` are the names that stand for a member of a group."""

    members: dict[str, list[Candidate]] = field(default_factory=dict)
    # The names that stand for one result of every member of a group, with several results each.
    columns: dict[str, list[Candidate]] = field(default_factory=dict)
    # Those of the members that may stand for something else on some path.
    unsure: set[str] = field(default_factory=set)
    # The group's own name, by that of its members.
    names: dict[str, str] = field(default_factory=dict)
    # The arguments, by their identity, that take earlier members of the group itself.
    earlier: frozenset[int] = frozenset()
    # The names of the groups that are iterated over, by that of their members.
    iterated: dict[str, list[cst.Name]] = field(default_factory=dict)
    # What each of its variables takes the items of.
    iterables: dict[str, cst.BaseExpression] = field(default_factory=dict)
    as_group: list[cst.Name] = field(default_factory=list)
    wrap_each: list[cst.BaseExpression] = field(default_factory=list)
    bound: set[str] = field(default_factory=set)
    # Whether member i of the groups goes to call i: no condition and no inner loop.
    aligned: bool = True


@dataclass
class Context:
    """One code block under analysis. `groups` maps the definitions that make a group to their candidates."""

    source: Source
    names: Names
    scopes: Scopes
    flow: Flow
    parents: Mapping[int, cst.CSTNode]
    # Whether the names of module code may be read by modules that import it.
    exported: bool = False
    lifetimes: Lifetimes = field(default_factory=Lifetimes)
    # Of gets whose values are only passed on, by the identity of their call: why they are left alone, if they are.
    passed: dict[int, str | None] = field(default_factory=dict)
    # Whether a definition's list is only gone over, indexed and counted, by its identity.
    looked_at: dict[int, bool] = field(default_factory=dict)
    groups: dict[int, Candidate] = field(default_factory=dict)
    # The submissions that fill a list, slots or nothing in a loop, by the identity of their call.
    sites: set[int] = field(default_factory=set)

    def describe(self, effect: cst.CSTNode) -> str:
        """What the part of an expression that has an effect does, for a message."""
        return describe_effect(effect, self.names, self.source.code)

    def consumer_of(self, generator: cst.CSTNode) -> cst.Call | None:
        """The call of `list`, `tuple`, `set` or `frozenset` that takes all of a generator expression at once."""
        call = self.taker_of(generator)
        return call if call is not None and self.names.dotted(call.func) in CONSUMERS else None

    def taker_of(self, generator: cst.CSTNode) -> cst.Call | None:
        """The call of a builtin that takes all of a generator expression at once, and does nothing else meanwhile."""
        call = self.given_alone(generator)
        return call if call is not None and self.names.dotted(call.func) in _TAKERS else None

    def given_alone(self, generator: cst.CSTNode) -> cst.Call | None:
        """The call whose one argument a generator expression is, without a comma behind it."""
        arg = self.parent(generator)
        call = self.parent(arg) if isinstance(arg, cst.Arg) and not arg.star and arg.keyword is None else None
        if not isinstance(generator, cst.GeneratorExp) or not isinstance(call, cst.Call) or len(call.args) != 1:
            return None
        return None if isinstance(call.args[0].comma, cst.Comma) else call

    def reaching(self, name: cst.Name) -> frozenset[Definition]:
        """The definitions that a read of a name may see; of a generator that is taken at once, where it is taken."""
        *around, stmt = upwards(name, self.parents)
        later = [node for node in around if isinstance(node, cst.GeneratorExp | cst.Lambda)]
        taken = bool(later) and all(self.taker_of(node) is not None for node in later)
        if not taken or self.scopes.owner(name) is not self.flow.scope:
            return self.flow.reaching(name)
        return self.flow.reaching_before(stmt, self.scopes.spelling(name))

    def groups_reaching(self, name: cst.Name) -> list[Candidate]:
        """The groups that a name may stand for where it is read."""
        found = {id(d): self.groups[id(d)] for d in self.reaching(name) if id(d) in self.groups}
        return sorted(found.values(), key=lambda candidate: candidate.id)

    def list_group(self, node: cst.CSTNode) -> list[Candidate]:
        """The groups that an expression may stand for, if it is a name that is read as a list of refs or handles."""
        groups = self.groups_reaching(node) if isinstance(node, cst.Name) else []
        return [] if any(not group.listed or group.callee.several for group in groups) else groups

    def several_group(self, node: cst.Name) -> list[Candidate]:
        """The groups that a name stands for on every path, if each is a complete list with several refs a member."""
        groups = self.groups_reaching(node) if self.is_surely_group(node) else []
        fit = all(g.listed and g.callee.several and not self.may_grow(g, node) for g in groups)
        return groups if fit else []

    def may_grow(self, group: Candidate, use: cst.Name) -> bool:
        """Whether a list may get another member after a use of it: the use stands in a loop that appends."""
        start = self.source.offsets(group.stmt)
        for fill in group.fills:
            if self.source.offsets(use)[0] < self.source.offsets(fill.stmt)[1]:
                return True
            node = self.parent(fill.stmt)
            while node is not None:
                first, last = self.source.offsets(node)
                if isinstance(node, cst.For | cst.While) and first <= self.source.offsets(use)[0] < last:
                    if not first <= start[0] < last:
                        return True
                node = None if isinstance(node, cst.FunctionDef | cst.Module) else self.parent(node)
        return False

    def shared_ref(self, node: cst.CSTNode) -> list[Candidate]:
        """The single tasks whose one ref an expression may stand for."""
        groups = self.groups_reaching(node) if isinstance(node, cst.Name) else []
        return groups if all(group.node is Broadcast for group in groups) else []

    def is_surely_group(self, node: cst.CSTNode) -> bool:
        """Whether an expression is a name that stands for a group on every path."""
        found = self.reaching(node) if isinstance(node, cst.Name) else ()
        return bool(found) and all(id(definition) in self.groups for definition in found)

    def under_main_guard(self, node: cst.CSTNode) -> bool:
        """Whether a node stands in `if __name__ == "__main__":`."""
        current: cst.CSTNode | None = node
        while current is not None:
            if (
                isinstance(current, cst.If)
                and self.source.code(current.test).replace("'", '"') == '__name__ == "__main__"'
            ):
                return True
            current = self.parents.get(id(current))
        return False

    def is_plain_iterable(self, node: cst.BaseExpression) -> bool:
        """Whether a loop over this surely runs no code of the program from item to item."""
        if not isinstance(node, cst.Name):
            return is_plain_iterable(node, self.names)
        reaching = self.flow.reaching(node)
        for definition in reaching:
            stmt = definition.stmt
            if id(definition) in self.groups:
                continue
            if not isinstance(stmt, cst.Assign) or definition.kind != "assign" or len(stmt.targets) != 1:
                return False
            if stmt.targets[0].target is not definition.node or not is_plain_iterable(stmt.value, self.names):
                return False
        return bool(reaching)

    def free_quote(self, node: cst.CSTNode) -> str | None:
        """A quote that no formatted string around a node uses: before Python 3.12 it would end that; None for none."""
        used: set[str] = set()
        current = self.parent(node)
        while current is not None:
            if type(current).__name__ in ("FormattedString", "TemplatedString"):
                used.add(current.start[-1])  # type: ignore[attr-defined]
            current = self.parent(current)
        return next((quote for quote in ('"', "'") if quote not in used), None)

    def in_loop(self, node: cst.CSTNode) -> bool:
        """Whether a node stands in a loop of its function, class or lambda."""
        return any(isinstance(above, cst.For | cst.While) for above in self.around(node))

    def around(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """What a node stands in, from the inside, up to the function, class, lambda or module around it."""
        above = self.parent(node)
        while above is not None and not isinstance(above, cst.FunctionDef | cst.ClassDef | cst.Lambda | cst.Module):
            yield above
            above = self.parent(above)

    def is_inside(self, node: cst.CSTNode, outer: cst.CSTNode) -> bool:
        """Whether `node` is `outer` or stands in it."""
        current: cst.CSTNode | None = node
        while current is not None and current is not outer:
            current = self.parent(current)
        return current is outer

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """The node above, whitespace left out."""
        return self.parents.get(id(node))


def numbers(groups: list[Candidate], sure: bool = True) -> tuple[int, ...]:
    """The numbers of candidates, as IR operands; not `sure` where it may be none of them."""
    return tuple(group.id for group in groups) + (() if sure else (OTHER,))


def makes_actors(candidate: Candidate) -> bool:
    """Whether the members of a group are actor handles."""
    return candidate.node is InitActors


def may_make_actors(candidate: Candidate) -> bool:
    """Whether the members of a group may be actor handles."""
    return candidate.node is InitActors or candidate.node is Group
