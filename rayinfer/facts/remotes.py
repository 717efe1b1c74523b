"""What a remote function's or actor class's definition says: its kind, and which of its calls give several refs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import libcst as cst

from rayinfer.facts.walk import walk

# The dotted name of what an expression refers to, or None.
Dotted = Callable[[cst.BaseExpression], str | None]


@dataclass(frozen=True)
class RemoteDefinition:
    """A name that is a remote function or an actor class.

    `node` is what binds it in this file, `kind` is `task` or `actor`; `several` says that its calls give more than one
    ref (`num_returns`, a generator), `listed` that these come as one list. `methods` says of an actor's methods which
    give several, of those that its own class body defines in a way that is understood. `file` is the other file that
    defines it, None when it is this one. `counted` says that the number of several refs is written out.
    """

    name: str
    kind: str
    several: bool
    node: cst.CSTNode
    methods: Mapping[str, bool] = field(default_factory=dict, compare=False)
    file: str | None = None
    listed: bool = False
    counted: bool = False


def definition(
    name: str, node: cst.FunctionDef | cst.ClassDef, options: Sequence[cst.Arg], binder: cst.CSTNode, dotted: Dotted
) -> RemoteDefinition:
    """What a function or class becomes by `ray.remote` with these options."""
    if isinstance(node, cst.ClassDef):
        return RemoteDefinition(name, "actor", False, binder, _methods(node, dotted))
    yields = _yields(node)
    counts = [arg.value for arg in options if arg.keyword is not None and arg.keyword.value == "num_returns"]
    listed = bool(counts) and all(map(gives_list, counts)) and not yields
    counted = listed and all(isinstance(count, cst.Integer) for count in counts)
    return RemoteDefinition(name, "task", _gives_several(options) or yields, binder, listed=listed, counted=counted)


def gives_list(count: cst.BaseExpression) -> bool:
    """Whether the refs of a call with `num_returns=count` may come as one list: not of a generator, nor of none."""
    if isinstance(count, cst.Integer):
        return count.evaluated_value > 1
    return not isinstance(count, cst.BaseString) and not (isinstance(count, cst.Name) and count.value == "None")


def _methods(node: cst.ClassDef, dotted: Dotted) -> dict[str, bool]:
    found: dict[str, bool] = {}
    unknown: set[str] = set()
    for part in walk(node.body, lambda inner: not isinstance(inner, cst.FunctionDef | cst.ClassDef | cst.Lambda)):
        if isinstance(part, cst.FunctionDef):
            method = part.name.value
            several = _method_gives_several(part, dotted)
            if several is None or method in found:
                unknown.add(method)
            found[method] = bool(several)
        elif isinstance(part, cst.Name):
            # A name that is also bound in another way in the class body, or only read there.
            unknown.add(part.value)
    return {method: several for method, several in found.items() if method not in unknown}


def _method_gives_several(node: cst.FunctionDef, dotted: Dotted) -> bool | None:
    """Whether calls of a method give several refs; None where another decorator may have a say."""
    options: list[cst.Arg] = []
    for each in node.decorators:
        call = each.decorator
        if not isinstance(call, cst.Call) or dotted(call.func) != "ray.method" or any(a.star for a in call.args):
            return None
        options.extend(call.args)
    return _gives_several(options) or _yields(node)


def _gives_several(options: Sequence[cst.Arg]) -> bool:
    return any(
        arg.keyword is not None
        and arg.keyword.value == "num_returns"
        and not (isinstance(arg.value, cst.Integer) and arg.value.value == "1")
        for arg in options
    )


def _yields(function: cst.FunctionDef) -> bool:
    own = walk(function.body, lambda node: not isinstance(node, cst.FunctionDef | cst.ClassDef | cst.Lambda))
    return any(isinstance(node, cst.Yield) for node in own)
