"""What a region is while it grows, where it ends, and what it cannot span."""

from __future__ import annotations

from dataclasses import dataclass, field

import libcst as cst

from rayinfer.ir.graph import Evaluation, Item
from rayinfer.patterns.context import Candidate, Context


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
    # The groups of a loop that start before it.
    before: list[Item] = field(default_factory=list)

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
