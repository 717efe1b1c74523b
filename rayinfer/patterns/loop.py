"""A fan-out by a bare loop whose results are dropped: `for a in actors: a.m.remote(*refs)`."""

from __future__ import annotations

import libcst as cst

from rayinfer.patterns.arguments import bind
from rayinfer.patterns.callee import callee_of, names_in
from rayinfer.patterns.comprehension import node_of, operands, refuse_effect
from rayinfer.patterns.context import Candidate, Context, Details, Loop, Refusal

VALID = (
    ("for i in range(8):\n    f.remote(i)", "Map"),
    ("actors = [Counter.remote(i) for i in range(8)]\nfor a in actors:\n    a.add.remote(1)", "MapActors"),
)
INVALID = (
    ("for i in range(8):\n    f.remote(i)\nprint(i)", "RI109"),
    ("for i in range(8):\n    Counter.remote(i)", "RI101"),
)


def match(site: cst.Call, context: Context) -> Candidate | None:
    """The candidate for a submission that is the whole body of a `for` statement; None when it is not.

    Raises:
        Refusal: when the loop is not understood.
    """
    expr = context.parent(site)
    line = context.parent(expr) if isinstance(expr, cst.Expr) else None
    body = context.parent(line) if isinstance(line, cst.SimpleStatementLine) else line
    loop = context.parent(body) if body is not None else None
    if not isinstance(loop, cst.For) or body is not loop.body or len(body.body) != 1:
        return None
    if isinstance(line, cst.SimpleStatementLine) and len(line.body) != 1:
        return None
    if loop.orelse is not None or loop.asynchronous is not None:
        raise Refusal("RI104", "the loop has an `else` or is asynchronous")
    if _may_be_unbound(site, loop, context):
        # In a generator expression that would be another error: the loop itself stays.
        return None
    names = frozenset(name.value for name in names_in(loop.target))
    callee = callee_of(site, context, names, context.source.offsets(loop))
    if callee.kind == "actor":
        raise Refusal("RI101", "actors whose handles are dropped end at once")
    return Candidate("loop", site, callee, node_of(callee, site), loop, loop)


def details(candidate: Candidate, context: Context) -> Details:
    """The operands of a bare loop's group.

    Raises:
        Refusal: when the loop's variable is read after it, or an argument is not understood.
    """
    loop = candidate.holder
    assert isinstance(loop, cst.For)
    bound = Loop()
    bind(loop.target, loop.iter, context, bound)
    if any(not isinstance(node, cst.Name) for node in _target_parts(loop.target)):
        raise Refusal("RI104", "the loop assigns to something other than a name")
    later = [
        name.value for name in names_in(loop.target) if _is_seen_later(context.scopes.spelling(name), loop, context)
    ]
    if later:
        raise Refusal("RI109", f"the loop variable `{min(later)}` is read or deleted after the loop")
    refuse_effect(loop.iter, context, "the iterable of the loop")
    return operands(candidate, loop.target, loop.iter, bound, context)


def _may_be_unbound(site: cst.Call, loop: cst.For, context: Context) -> bool:
    """Whether an argument of a function's own, which the loop does not bind, may have no value."""
    own = {name.value for name in names_in(loop.target)}
    taken = [name for arg in site.args for name in names_in(arg.value) if name.value not in own]
    unbound = (one.kind in ("entry", "del") for name in taken for one in context.flow.reaching(name))
    return not isinstance(context.flow.block, cst.Module) and any(unbound)


def _is_seen_later(name: str, loop: cst.For, context: Context) -> bool:
    """Whether a loop's variable is read after the loop, deleted somewhere, or known outside of this code block."""
    if name not in context.flow.names or name in context.flow.live_after(loop):
        return True
    return any(definition.kind == "del" for definition in context.flow.definitions(name))


def _target_parts(target: cst.BaseExpression) -> list[cst.BaseExpression]:
    if not isinstance(target, cst.Tuple | cst.List):
        return [target]
    return [part for element in target.elements for part in _target_parts(element.value)]
