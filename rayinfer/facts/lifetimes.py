"""What a file does that a value may tell from the ref of it: code that runs on its way, and what takes objects away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import libcst as cst

from rayinfer.facts.hooks import FINALISER, PICKLING
from rayinfer.facts.names import Names

_TRIPS = (PICKLING - {"__new__", "__setattr__", "__init_subclass__"}) | FINALISER | {"__reduce__", "__reduce_ex__"}


@dataclass(frozen=True)
class Lifetimes:
    """`hook` is a method that runs each time a value of the file's classes is pickled, made anew or dropped.

    `ends` are the mentions of what ends a session or frees objects, each with the function or module it stands in.
    """

    hook: str | None = None
    ends: tuple[tuple[cst.BaseExpression, cst.CSTNode], ...] = ()


def lifetimes(nodes: Iterable[cst.CSTNode], parents: Mapping[int, cst.CSTNode], names: Names) -> Lifetimes:
    """The lifetimes of a file's values, given all its nodes and what is above each."""
    hook = "a serializer" if names.hooks.pickling else None
    ends: list[tuple[cst.BaseExpression, cst.CSTNode]] = []
    for node in nodes:
        if isinstance(node, cst.FunctionDef) and node.name.value in _TRIPS:
            hook = node.name.value
        elif isinstance(node, cst.Name | cst.Attribute):
            last = node.value if isinstance(node, cst.Name) else node.attr.value
            if last in ("shutdown", "free") and _is_of_ray(names.dotted(node)):
                ends.append((node, _block(node, parents)))
    return Lifetimes(hook, tuple(ends))


def _is_of_ray(dotted: str | None) -> bool:
    return dotted is not None and dotted.partition(".")[0] == "ray"


def _block(node: cst.CSTNode, parents: Mapping[int, cst.CSTNode]) -> cst.CSTNode:
    """The function, lambda or module whose code a node is."""
    while (above := parents.get(id(node))) is not None and not isinstance(node, cst.FunctionDef | cst.Lambda):
        node = above
    return node
