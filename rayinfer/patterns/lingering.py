"""What may take the driver long between two submissions: in plain Ray the tasks before it run meanwhile."""

from __future__ import annotations

import libcst as cst

from rayinfer.facts.walk import walk
from rayinfer.patterns.callee import is_submission
from rayinfer.patterns.context import Context


def lingers(part: cst.CSTNode, context: Context) -> tuple[cst.Call, str] | None:
    """The call of a function of the file that what is pending would wait for, and why; None when there is none.

    In a loop that submits, the runtime sees how long a round takes.
    """
    for call in walk(part):
        if isinstance(call, cst.Call) and context.names.is_quiet(call.func):
            return (
                None
                if is_in_submitting_loop(part, context)
                else (call, f"`{context.source.code(call.func)}` may take long")
            )
    return None


def is_in_submitting_loop(node: cst.CSTNode, context: Context) -> bool:
    """Whether a part of a statement stands in the body of a `for` that submits."""
    inner, loop = node, context.parent(node)
    while loop is not None and not isinstance(loop, cst.For | cst.While | cst.FunctionDef | cst.ClassDef):
        inner, loop = loop, context.parent(loop)
    if not isinstance(loop, cst.For) or inner is not loop.body:
        return False
    return any(is_submission(part, context) for part in walk(loop.body))
