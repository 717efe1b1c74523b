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
    ("for i in range(8):\n    f.remote(i)\nprint((lambda: i)())", "RI109"),
    ("for i in range(8):\n    Counter.remote(i)", "RI101"),
)


def match(site: cst.Call, context: Context) -> Candidate | None:
    """The candidate for a submission that is the whole body of a `for` statement; None when it is not.

    None as well where only a loop leaves its variable behind, or says which name is not bound: it stays one then.

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
    if any(not isinstance(node, cst.Name) for node in _target_parts(loop.target)):
        raise Refusal("RI104", "the loop assigns to something other than a name")
    names = frozenset(name.value for name in names_in(loop.target))
    callee = callee_of(site, context, names, context.source.offsets(loop))
    if _is_seen(loop, site, context):
        return None
    if callee.kind == "actor":
        raise Refusal("RI101", "actors whose handles are dropped end at once")
    return Candidate("loop", site, callee, node_of(callee), loop, loop)


def details(candidate: Candidate, context: Context) -> Details:
    """The operands of a bare loop's group.

    Raises:
        Refusal: when the loop's variable is read after it, or an argument is not understood.
    """
    loop = candidate.holder
    assert isinstance(loop, cst.For)
    bound = Loop()
    bind(loop.target, loop.iter, context, bound)
    later = [name.value for name in names_in(loop.target) if _is_seen_later(name, loop, context)]
    if later:
        raise Refusal("RI109", f"the loop variable `{min(later)}` is read or deleted after the loop")
    refuse_effect(loop.iter, context, "the iterable of the loop")
    return operands(candidate, loop.target, loop.iter, bound, context)


def _is_seen(loop: cst.For, site: cst.Call, context: Context) -> bool:
    """Whether a statement that stands for the loop could be told from it, but not the loop with its calls deferred."""
    targets = names_in(loop.target)
    if _may_be_unbound(site, {name.value for name in targets}, context):
        return True
    shared = any(context.names.is_shared(name) for name in targets)
    return not shared and any(_is_seen_later(name, loop, context) for name in targets)


def _may_be_unbound(site: cst.Call, bound: set[str], context: Context) -> bool:
    """Whether an argument may not be bound: in a generator expression that is not the same error."""
    if isinstance(context.flow.block, cst.Module):
        return False
    names = (name for arg in site.args for name in names_in(arg.value) if name.value not in bound)
    return any(each.unbinds for name in names for each in context.flow.reaching(name))


def _is_seen_later(target: cst.Name, loop: cst.For, context: Context) -> bool:
    """Whether a loop's variable is read after the loop, deleted somewhere, or known outside of this code block."""
    name = context.scopes.spelling(target)
    if name not in context.flow.names or name in context.flow.live_after(loop):
        return True
    return any(definition.kind == "del" for definition in context.flow.definitions(name))


def _target_parts(target: cst.BaseExpression) -> list[cst.BaseExpression]:
    if not isinstance(target, cst.Tuple | cst.List):
        return [target]
    return [part for element in target.elements for part in _target_parts(element.value)]
