"""What a region is while it grows, where it ends, and what it cannot span."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import libcst as cst

from rayinfer.facts.walk import walk
from rayinfer.ir.graph import Evaluation, Item
from rayinfer.patterns import joining
from rayinfer.patterns.context import Candidate, Context
from rayinfer.patterns.single import assigned_name


class Opaque(Exception):
    """A compound statement that a region cannot span; says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass
class Region:
    """An open region of one suite: its groups so far and its last submitting statement."""

    groups: list[Candidate] = field(default_factory=list)
    complete: set[int] = field(default_factory=set)
    last: cst.CSTNode | None = None
    # Whether one of the groups may make actors with names.
    named: bool = False
    # The branches in a loop that make groups, how many items came before each, and how many groups it makes.
    branches: list[tuple[cst.If, int, int]] = field(default_factory=list)
    # The groups of a loop that start before it.
    before: list[Item] = field(default_factory=list)

    @property
    def is_sometimes(self) -> bool:
        """Whether nothing but branches in a loop makes its groups."""
        made = sum(number for _, _, number in self.branches)
        return bool(self.branches) and made == len(self.groups) and self.last is self.branches[-1][0]

    def live(self, context: Context) -> set[str | None]:
        """The names that are live where it ends, as the compiler sees them."""
        if self.last is None:
            return set()
        return set(context.flow.live_after(alone(self.last) or self.last))


def alone(statement: cst.CSTNode) -> cst.BaseSmallStatement | None:
    """The small statement that has a line to itself."""
    if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1:
        return statement.body[0]
    return None


def growth(candidate: Candidate, own: Collection[int], context: Context) -> list[cst.CSTNode]:
    """The statements of a suite, whose identities are `own`, that hold those by which a group grows."""
    found: list[cst.CSTNode] = []
    for fill in candidate.fills:
        node: cst.CSTNode | None = fill.stmt
        while node is not None and id(node) not in own:
            node = context.parent(node)
        if node is not None:
            found.append(node)
    return found


def waits(candidate: Candidate, region: Region, statements: Sequence[cst.CSTNode], context: Context) -> bool:
    """Whether a list or dict that starts in a region can get its first member behind statements that end this.

    So it is where it has none so far, and nobody looks at it meanwhile.
    """
    name = assigned_name(candidate.stmt)
    if not candidate.fills or candidate.late or id(candidate) in region.complete or region.branches:
        return False
    if name is None or context.exported or context.names.is_shared(name):
        return False
    if context.scopes.owner(name) is not context.flow.scope:
        return False
    if any(one.name == name.value for one in region.groups if one is not candidate):
        return False  # the region's end gives the name the refs of the other one
    for part in (part for statement in statements for part in walk(statement)):
        # Who resumes a generator may be another thread, which has pending groups of its own.
        if isinstance(part, cst.Yield | cst.Await) or (isinstance(part, cst.Name) and part.value == name.value):
            return False
    return joining.seen_by_handlers(name, statements[0], context) is None


def is_lone(candidate: Candidate, context: Context) -> bool:
    """Whether a group that every round of a loop starts anew gets one member at most."""
    if candidate.late or len(candidate.fills) != 1 or not context.in_loop(candidate.stmt):
        return False
    start, _ = context.source.offsets(candidate.stmt)
    node: cst.CSTNode | None = candidate.site
    while node is not None and context.source.offsets(node)[0] >= start:
        if isinstance(node, cst.For | cst.While | cst.BaseComp):
            return False
        node = context.parent(node)
    return True


@dataclass(frozen=True)
class RegionEnd:
    """Where an evaluation is put: after a statement, with the names that escape and those that stay groups."""

    after: cst.CSTNode
    evaluation: Evaluation
    wraps: Candidate | None
    # The groups that are added to lists then; their names come last among those that escape.
    joined: tuple[Candidate, ...] = ()
    # The expression that is evaluated in its place, where one is.
    around: cst.BaseExpression | None = None
