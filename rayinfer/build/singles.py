"""The IR of single tasks that take one another: the groups of a stretch, in the order in which they are made."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby

import libcst as cst

from rayinfer.build.statements import statements_of, suites
from rayinfer.facts.walk import walk
from rayinfer.ir.graph import Block, Item
from rayinfer.ir.nodes import Group
from rayinfer.patterns.context import Candidate, Context, Stretch


def singles(stretch: Stretch, group_of: Callable[[Candidate], Group], context: Context) -> list[Item]:
    """The groups of a stretch, in the loops and branches that make them."""
    choices = {id(site.call): site.choices for site in stretch.symbols.sites}
    sites = {id(candidate.site): candidate for candidate in stretch.candidates}

    def items_of(statement: cst.CSTNode) -> list[Item]:
        if isinstance(statement, cst.SimpleStatementLine):
            found = [sites[id(node)] for node in walk(statement) if id(node) in sites]
            # An argument is made before the call that takes it.
            found.sort(key=lambda one: context.source.offsets(one.site)[1])
            return [item for _, some in groupby(found, lambda one: id(one.holder)) for item in made(list(some))]
        blocks: list[Item] = []
        for suite in suites(statement):
            inner = tuple(item for one in statements_of(suite.body) for item in items_of(one))
            if inner:
                blocks.append(Block(suite.header(context.source), inner, regroups=True))
        return blocks

    def made(together: list[Candidate]) -> list[Item]:
        items = chosen([(choices[id(one.site)], one) for one in together])
        holder = together[0].holder
        if not isinstance(holder, cst.ListComp | cst.DictComp):
            return items
        return [Block(f"{context.source.shown(holder.for_in)}:", tuple(items), regroups=True)]

    def chosen(found: list[tuple[tuple[str, ...], Candidate]]) -> list[Item]:
        items: list[Item] = []
        for line, some in groupby(found, lambda one: one[0][:1]):
            inner = [(lines[1:], one) for lines, one in some]
            items += [Block(line[0], tuple(chosen(inner)))] if line else [group_of(one) for _, one in inner]
        return items

    return [item for statement in stretch.statements for item in items_of(statement)]
