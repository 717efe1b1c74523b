"""A list that a generator of calls is added to at once: `refs.extend(f.remote(x) for x in xs)`."""

from __future__ import annotations

import libcst as cst

from rayinfer.facts.walk import walk
from rayinfer.patterns.context import Context
from rayinfer.patterns.owned import is_nested, is_own


def extension_of(generator: cst.CSTNode, context: Context) -> cst.Call | None:
    """The call `refs.extend(...)` that takes a generator expression, where nobody sees the list grow one by one.

    So it is for a list of this block that nothing else holds, that the generator does not read, and that is not looked
    at when an exception stops the generator half way.
    """
    call = context.given_alone(generator)
    if call is None:
        return None
    func, stmt = call.func, context.parent(call)
    if not isinstance(func, cst.Attribute) or func.attr.value != "extend" or not isinstance(func.value, cst.Name):
        return None
    if not isinstance(stmt, cst.Expr) or _is_guarded(stmt, context):
        return None
    receiver = func.value
    if any(isinstance(part, cst.Name) and part.value == receiver.value for part in walk(generator)):
        return None
    occurrences = context.scopes.occurrences(context.flow.scope, receiver.value)
    if any(is_nested(name, context) for name in occurrences) or not is_own(receiver, stmt, context):
        return None
    starts = [definition.stmt for definition in context.flow.definitions(receiver.value)]
    lists = [getattr(start, "value", None) for start in starts]
    return call if all(isinstance(value, cst.List | cst.ListComp) for value in lists) else None


def _is_guarded(stmt: cst.CSTNode, context: Context) -> bool:
    node: cst.CSTNode | None = stmt
    while node is not None and not isinstance(node, cst.FunctionDef | cst.Module):
        if isinstance(node, cst.Try | cst.TryStar | cst.With):
            return True
        node = context.parent(node)
    return False
