"""Walks a CST without its whitespace: every node that carries meaning, attribute and keyword names included.

Downwards from a node, or upwards to the statement that it stands in.
"""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import libcst as cst

_LAYOUT = (
    "whitespace",
    "lpar",
    "rpar",
    "lbracket",
    "rbracket",
    "lbrace",
    "rbrace",
    "leading_lines",
    "lines_after",
    "header",
    "footer",
    "trailing",
    "comma",
    "semicolon",
    "colon",
    "first_colon",
    "second_colon",
    "equal",
    "dot",
    "newline",
    "indent",
)
_STATEMENTS = (cst.BaseSmallStatement, cst.BaseCompoundStatement)
_parts_of: dict[type[cst.CSTNode], Callable[[cst.CSTNode], tuple[Any, ...]]] = {}
# LibCST's nodes have an abstract base class, and an isinstance of one that fails takes long.
_is_node: dict[type, bool] = {}


def children(node: cst.CSTNode) -> list[cst.CSTNode]:
    """The child nodes that carry meaning, in field order."""
    kind = node.__class__
    parts = _parts_of.get(kind)
    if parts is None:
        parts = _parts_of[kind] = _getter(kind)
    found: list[cst.CSTNode] = []
    for value in parts(node):
        if value is None:
            continue
        holder = value.__class__
        if holder is tuple or holder is list:
            found.extend(value)
        else:
            known = _is_node.get(holder)
            if known is None:
                known = _is_node[holder] = issubclass(holder, cst.CSTNode)
            if known:
                found.append(value)
    return found


def walk(node: cst.CSTNode, into: Callable[[cst.CSTNode], bool] | None = None) -> Iterator[cst.CSTNode]:
    """A node and everything below it, in source order as far as fields are; `into` says which nodes to enter."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        if into is None or into(node):
            below = children(node)
            below.reverse()
            stack += below


def upwards(node: cst.CSTNode | None, parents: Mapping[int, cst.CSTNode]) -> Iterator[cst.CSTNode]:
    """A node and what is around it, from the inside: up to the small or compound statement that it stands in."""
    while node is not None:
        yield node
        if isinstance(node, _STATEMENTS):
            return
        node = parents.get(id(node))


def statement_of(node: cst.CSTNode | None, parents: Mapping[int, cst.CSTNode]) -> cst.CSTNode | None:
    """The small or compound statement that a node stands in, or is; None for what stands in none."""
    return next((above for above in upwards(node, parents) if isinstance(above, _STATEMENTS)), None)


def _getter(kind: type[cst.CSTNode]) -> Callable[[cst.CSTNode], tuple[Any, ...]]:
    """Gives the fields of a node that may hold nodes, or sequences of nodes alone."""
    names = [each.name for each in dataclasses.fields(kind) if not each.name.startswith(_LAYOUT)]
    if len(names) > 1:
        return operator.attrgetter(*names)
    if not names:
        return lambda node: ()
    only = operator.attrgetter(names[0])
    return lambda node: (only(node),)
