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
    if not isinstance(bound, cst.Name) or is_captured(bound, context):
        return False
    before = context.flow.reaching_before(task.stmt, context.scopes.spelling(bound))
    is_own = context.scopes.owner(bound) is context.flow.scope
    return is_own and surely_bind(before) and before == context.reaching(bound)
