"""A `ray.get` of one expression: where it stands, and whether its statement begins with it."""

from __future__ import annotations

import libcst as cst

from rayinfer.facts.effects import impure_part
from rayinfer.facts.walk import walk
from rayinfer.patterns.context import Context


def get_around(node: cst.CSTNode, context: Context) -> cst.Call | None:
    """The `ray.get` that takes an expression and nothing else, if there is one right around it."""
    arg = context.parent(node)
    call = context.parent(arg) if isinstance(arg, cst.Arg) else None
    return call if isinstance(call, cst.Call) and awaits(call, context) is node else None


def get_with(node: cst.CSTNode, context: Context) -> cst.Call | None:
    """The `ray.get` that takes an expression alone, or as one of a list that is written out."""
    element = context.parent(node)
    listed = context.parent(element) if isinstance(element, cst.Element) else None
    return get_around(listed if isinstance(listed, cst.List) else node, context)


def awaits(call: cst.Call, context: Context) -> cst.BaseExpression | None:
    """The one thing that a `ray.get` takes; None for any other call."""
    if len(call.args) != 1 or call.args[0].star or call.args[0].keyword is not None:
        return None
    return call.args[0].value if context.names.dotted(call.func) == "ray.get" else None


def first_get(leaf: cst.CSTNode, context: Context) -> cst.Call | None:
    """The outermost `ray.get` of one thing that a small statement begins with."""
    if leading(leaf) is None:
        return None
    calls = (node for node in walk(leaf) if isinstance(node, cst.Call) and awaits(node, context) is not None)
    call = next(calls, None)
    return call if call is not None and comes_first(call, leaf, context) else None


def leading(leaf: cst.CSTNode) -> cst.BaseExpression | None:
    """The expression that a statement evaluates first, and once."""
    if isinstance(leaf, cst.Assign | cst.AnnAssign | cst.Return | cst.Expr):
        return leaf.value
    if isinstance(leaf, cst.AugAssign) and isinstance(leaf.target, cst.Name):
        return leaf.value
    if isinstance(leaf, cst.For):
        return leaf.iter
    return leaf.test if isinstance(leaf, cst.If) else None


def comes_first(call: cst.Call, leaf: cst.CSTNode, context: Context) -> bool:
    """Whether nothing with an effect comes before `call` in a statement, which would keep the tasks waiting."""
    value = leading(leaf)
    node: cst.CSTNode | None = call
    while node is not None and node is not value:
        node = _begins(node, context)
    return node is not None


def _begins(node: cst.CSTNode, context: Context) -> cst.CSTNode | None:
    """The expression around another that evaluates this one first of all that may have an effect, if it does."""
    outer = context.parent(node)
    if isinstance(outer, cst.Attribute | cst.Subscript):
        return outer if outer.value is node else None
    if isinstance(outer, cst.Call):
        return outer if outer.func is node else None
    if isinstance(outer, cst.BinaryOperation | cst.Comparison):
        return outer if outer.left is node else None
    if isinstance(outer, cst.CompFor):
        return over_first(node, context)
    call = context.parent(outer) if isinstance(outer, cst.Arg) and outer.star != "**" else None
    if not isinstance(call, cst.Call) or impure_part(call.func, context.names) is not None:
        return None
    before = call.args[: call.args.index(outer)]
    simple = all(isinstance(one.value, cst.SimpleString | cst.BaseNumber) and not one.star for one in before)
    return call if simple else None


def over_first(node: cst.CSTNode, context: Context) -> cst.BaseComp | None:
    """The comprehension or generator whose first loop goes over an expression, which is evaluated before all else."""
    loop = context.parent(node)
    comprehension = context.parent(loop) if isinstance(loop, cst.CompFor) and loop.iter is node else None
    return comprehension if isinstance(comprehension, cst.BaseComp) else None
