"""Exceptions inside a region: what may raise between two submissions, and which names a handler could see."""

from __future__ import annotations

import libcst as cst

from rayinfer.facts.flow import Definition
from rayinfer.patterns.context import Callee, Candidate, Context, may_make_actors

_CERTAIN = (cst.Integer, cst.Float, cst.Imaginary, cst.SimpleString, cst.Ellipsis)
_CERTAIN_OPERATORS = (cst.Add, cst.Subtract, cst.Multiply)
_CERTAIN_CALLS = frozenset({"builtins.range", "builtins.len", "builtins.enumerate", "builtins.zip"})


def has_names(candidate: Candidate) -> bool:
    """Whether a group may be one of actors with names, by which other processes find them as soon as they are made.

    An exception may leave it behind; what else it leaves behind is submitted before this thread uses Ray again.
    """
    options = candidate.callee.options
    named = options is not None and any(arg.keyword is None or arg.keyword.value == "name" for arg in options.args)
    return may_make_actors(candidate) and named


def may_raise(node: cst.CSTNode, context: Context) -> bool:
    """Whether evaluating an expression without effects may raise; reading a bound name or an attribute does not."""
    if isinstance(node, _CERTAIN):
        return False
    if isinstance(node, cst.Name):
        return any(definition.unbinds for definition in context.reaching(node))
    if isinstance(node, cst.Attribute):
        return may_raise(node.value, context)
    if isinstance(node, cst.BinaryOperation):
        parts: list[cst.CSTNode] = [node.left, node.right]
        return not isinstance(node.operator, _CERTAIN_OPERATORS) or any(may_raise(part, context) for part in parts)
    if isinstance(node, cst.Tuple | cst.List):
        return any(not isinstance(e, cst.Element) or may_raise(e.value, context) for e in node.elements)
    if isinstance(node, cst.Comparison):
        parts = [node.left, *(part.comparator for part in node.comparisons)]
        return any(may_raise(part, context) for part in parts)
    if isinstance(node, cst.UnaryOperation):
        return may_raise(node.expression, context)
    if isinstance(node, cst.Call):
        certain = context.names.dotted(node.func) in _CERTAIN_CALLS
        return not certain or any(arg.star or may_raise(arg.value, context) for arg in node.args)
    return True


def iteration_may_raise(node: cst.BaseExpression, context: Context) -> bool:
    """Whether a loop over an expression may raise between two items, as a generator may."""
    if isinstance(node, cst.Name):
        groups = {id(group.definition) for group in context.list_group(node)}
        return not groups or {id(definition) for definition in context.reaching(node)} != groups
    if isinstance(node, cst.Call) and context.names.dotted(node.func) in ("builtins.enumerate", "builtins.zip"):
        return any(arg.star or iteration_may_raise(arg.value, context) for arg in node.args)
    is_range = isinstance(node, cst.Call) and context.names.dotted(node.func) == "builtins.range"
    return not (is_range or isinstance(node, cst.List | cst.Tuple)) or may_raise(node, context)


def prelude(candidate: Candidate) -> list[cst.BaseExpression]:
    """What a submitting statement evaluates before its first submission."""
    if isinstance(candidate.holder, cst.BaseComp):
        return [candidate.holder.for_in.iter]
    if isinstance(candidate.holder, cst.For):
        return [candidate.holder.iter]
    if candidate.keyed:
        assert isinstance(candidate.holder, cst.BaseExpression)
        return [candidate.holder]
    return submitted(candidate.callee, candidate.site) if candidate.form == "single" else []


def submitted(callee: Callee, site: cst.Call) -> list[cst.BaseExpression]:
    """What one submission evaluates: what it calls, its options, and its arguments."""
    options = callee.options.args if callee.options is not None else ()
    return [callee.target, *(arg.value for arg in (*options, *site.args))]


def reaches_handlers(stmt: cst.CSTNode, definition: Definition, context: Context) -> bool:
    """Whether a use of a name may be reached by an exception raised after `stmt` bound it.

    Such a use would find a group that its region has not evaluated. `with` counts, since it may suppress exceptions.
    """
    found = False
    child, node = stmt, context.parent(stmt)
    uses = context.flow.uses(definition)
    while node is not None and not isinstance(node, cst.FunctionDef | cst.Module):
        if isinstance(node, cst.Try | cst.TryStar):
            caught = node.finalbody is not None or bool(node.handlers)
            risky = caught if child is node.body else node.finalbody is not None and child is not node.finalbody
            found = found or (risky and any(not context.is_inside(use, child) for use in uses))
        elif isinstance(node, cst.With):
            found = found or any(not context.is_inside(use, child) for use in uses)
        elif isinstance(node, cst.For | cst.While) and _guarded(stmt, node, context):
            # The next round may find what this one left behind.
            start = context.source.offsets(stmt)[0]
            found = found or any(context.source.offsets(use)[0] <= start for use in uses)
        child, node = node, context.parent(node)
    return found


def _guarded(stmt: cst.CSTNode, loop: cst.CSTNode, context: Context) -> bool:
    node = context.parent(stmt)
    while node is not None and node is not loop:
        if isinstance(node, cst.Try | cst.TryStar | cst.With):
            return True
        node = context.parent(node)
    return False
