"""The IR of single tasks that take one another: the groups of a stretch, in the order in which they are made."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from rayinfer.build.statements import statements_of, suites
from rayinfer.facts.walk import walk
from rayinfer.ir.graph import Block, Item
from rayinfer.ir.nodes import Group
from rayinfer.patterns.context import Candidate, Context, Stretch


def singles(stretch: Stretch, group_of: Callable[[Candidate], Group], context: Context) -> list[Item]:
    """The groups of a stretch, in the loops and branches that make them."""
    sites = {id(candidate.site): candidate for candidate in stretch.candidates}

    def items_of(statement: cst.CSTNode) -> list[Item]:
        if isinstance(statement, cst.SimpleStatementLine):
            found = [sites[id(node)] for node in walk(statement) if id(node) in sites]
            # An argument is made before the call that takes it.
            return [made(one) for one in sorted(found, key=lambda one: context.source.offsets(one.site)[1])]
        blocks: list[Item] = []
        for suite in suites(statement):
            inner = tuple(item for one in statements_of(suite.body) for item in items_of(one))
            if inner:
                blocks.append(Block(suite.header(context.source), inner))
        return blocks

    def made(candidate: Candidate) -> Item:
        group = group_of(candidate)
        if not isinstance(candidate.holder, cst.ListComp):
            return group
        return Block(f"{context.source.code(candidate.holder.for_in).strip()}:", (group,))

    return [item for statement in stretch.statements for item in items_of(statement)]
