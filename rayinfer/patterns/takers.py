"""How many members take the result of one task, where that is known before they are made: the `n` of a `Broadcast`."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from rayinfer.facts.flow import surely_bind
from rayinfer.ir.nodes import Shared
from rayinfer.patterns.context import Candidate, Context, Details
from rayinfer.patterns.owned import is_captured


def count_takers(task: Candidate, groups: Iterable[Details], context: Context) -> str | None:
    """The width of the first group whose members share the result of a single task.

    None unless it is a number, or a name that has its value where the task is submitted: what may run code of the
    program, or raise, is not evaluated before its time.
    """
    for details in groups:
        slots = [argument.slot for argument in details.args]
        if any(isinstance(slot, Shared) and task.id in slot.groups for slot in slots):
            bound = details.bound
            return context.source.code(bound) if bound is not None and _is_there(bound, task, context) else None
    return None


def _is_there(bound: cst.BaseExpression, task: Candidate, context: Context) -> bool:
    """Whether an expression has its value where a task is submitted already."""
    if isinstance(bound, cst.Integer):
        return True
    if not isinstance(bound, cst.Name):
        return False
    if context.scopes.owner(bound) is not context.flow.scope:
        return _is_constant(bound, task, context)
    if is_captured(bound, context):
        return False
    before = context.flow.reaching_before(task.stmt, context.scopes.spelling(bound))
    return surely_bind(before) and before == context.reaching(bound)


def _is_constant(name: cst.Name, task: Candidate, context: Context) -> bool:
    """Whether a name is a number that the module has for good before it has the code that submits a task."""
    if context.scopes.owner(name) is not context.scopes.module:
        return False
    binder = context.names.only_binder(name)
    if not isinstance(binder, cst.Assign) or not isinstance(binder.value, cst.Integer):
        return False
    if not all(isinstance(target.target, cst.Name) for target in binder.targets):
        return False
    line = context.parent(binder)
    code: cst.CSTNode | None = task.stmt
    while code is not None and not isinstance(around := context.parent(code), cst.Module):
        code = around
    if line is None or code is None or not isinstance(context.parent(line), cst.Module):
        return False
    return context.source.offsets(line)[0] < context.source.offsets(code)[0]
