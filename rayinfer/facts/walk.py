"""Walks a CST without its whitespace: every node that carries meaning, attribute and keyword names included."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

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
    "equal",
    "dot",
    "newline",
    "indent",
)
_fields_of: dict[type[cst.CSTNode], tuple[str, ...]] = {}


def children(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The child nodes that carry meaning, in field order."""
    kind = type(node)
    fields = _fields_of.get(kind)
    if fields is None:
        fields = tuple(f.name for f in dataclasses.fields(kind) if not f.name.startswith(_LAYOUT))
        _fields_of[kind] = fields
    for name in fields:
        value = getattr(node, name)
        if isinstance(value, cst.CSTNode):
            yield value
        elif isinstance(value, (tuple, list)):
            for item in value:
                if isinstance(item, cst.CSTNode):
                    yield item


def walk(node: cst.CSTNode, into: Callable[[cst.CSTNode], bool] | None = None) -> Iterator[cst.CSTNode]:
    """A node and everything below it, in source order as far as fields are; `into` says which nodes to enter."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        if into is None or into(node):
            stack.extend(reversed(list(children(node))))
