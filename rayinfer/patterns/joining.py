"""A list that is there already and grows by a loop: `refs = [first]`, later `for x in xs: refs.append(f.remote(x))`."""

from __future__ import annotations

import libcst as cst

from rayinfer.facts.walk import walk
from rayinfer.patterns.append_loop import append_fill, is_append
from rayinfer.patterns.comprehension import node_of
from rayinfer.patterns.context import Candidate, Context
from rayinfer.patterns.owned import is_made_anew, is_nested, is_own, value_of
from rayinfer.patterns.taken import may_be_unbound

VALID = (
    ("refs = []\nstart = time.time()\nfor n in names:\n    refs.append(f.remote(n))", "Map"),
    ("refs = [0]\nfor n in names:\n    refs.append(f.remote(n))", "Map"),
    (
        "refs = []\nfor n in names:\n    refs.append(f.remote(n))\nfor n in names:\n    refs.append(step.remote(n))",
        "Map",
    ),
    ("refs = []\nprint(1)\nfor n in names:\n    refs.append((n, f.remote(n)))", "Map"),
)
INVALID = (
    ("refs = load()\nfor n in names:\n    refs.append(f.remote(n))", "RI108"),
    ("refs = other = []\nprint(1)\nfor n in names:\n    refs.append(f.remote(n))", "RI108"),
    ("refs = [0]\nfor n in names:\n    refs.append(f.remote(n))\n    refs.append(n)", "RI108"),
    (
        "refs = []\nfor n in names:\n    refs.append(f.remote(n))\n    refs.append(step.remote(n))\n    print(n)",
        "RI104",
    ),
    ("refs = []\nfor n in names:\n    refs.append(f.remote(n))\n    note(n)", "RI113"),
)
# Why an append loop is refused, where a group that starts with the loop may still be added to its list.
REASONS = frozenset({"RI104", "RI108", "RI111", "RI113", "RI114"})


def is_appended(site: cst.Call, context: Context) -> bool:
    """Whether a submission is appended to a list in a `for`, also in one line."""
    return _loops_around(site, context) != [] and is_append(site, context)


def match(site: cst.Call, context: Context) -> Candidate:
    """The candidate for `name.append(f.remote(...))` in a `for`, whose list may hold something already.

    Its statement is the outermost loop, until the region is known that its members are made in.

    Raises:
        Refusal: when the callee is not known, or something beside the call has an effect.
    """
    outermost = _loops_around(site, context)[-1]
    fill, rowed = append_fill(site, outermost, context)
    assert fill.receiver is not None
    node, name = node_of(fill.callee), fill.receiver.value
    candidate = Candidate("joined", site, fill.callee, node, outermost, outermost, name)
    candidate.rowed = rowed
    candidate.fills.append(fill)
    return candidate


def grown_by(candidate: Candidate, context: Context) -> tuple[int, str | None]:
    """What the calls of one group have in common: where their list starts, or the loop that adds them to it."""
    if candidate.form == "dropped":
        return id(candidate.fills[0].stmt), None
    if not candidate.taken_in:
        return id(candidate.stmt), None
    return id(_loops_around(candidate.site, context)[0]), candidate.name


def in_line(statement: cst.CSTNode | None) -> cst.ListComp | None:
    """The comprehension that is a statement of its own: a loop on one line."""
    value = statement.value if isinstance(statement, cst.Expr) else None
    return value if isinstance(value, cst.ListComp) else None


def _loops_around(site: cst.Call, context: Context) -> list[cst.CSTNode]:
    """The loops around a submission, from the innermost; a comprehension on a line of its own is that statement."""
    return [node for node in context.around(site) if isinstance(node, cst.For) or in_line(node) is not None]


def seen_while_growing(candidate: Candidate, statement: cst.CSTNode, context: Context) -> str | None:
    """Why a list may not get the refs of a loop or branch, `statement`, when that is over; None when nobody can tell.

    So it is for a list of this block that nothing else holds, and that is not looked at in the loop or where an
    exception leads.
    """
    own = [part for part in walk(statement) if isinstance(part, cst.For | cst.ListComp)]
    if not any(context.is_inside(candidate.site, loop) for loop in own):
        return "a list grows by a single call in it"
    receivers = {id(fill.receiver) for fill in candidate.fills}
    receiver = candidate.fills[0].receiver
    assert receiver is not None
    name = receiver.value
    inside = [part for part in walk(statement) if isinstance(part, cst.Name) and part.value == name]
    if any(id(part) not in receivers for part in inside):
        return f"`{name}` is used in it besides"
    occurrences = context.scopes.occurrences(context.flow.scope, context.scopes.spelling(receiver))
    if context.scopes.spelling(receiver) != name or any(is_nested(one, context) for one in occurrences):
        return f"`{name}` may be seen by others while it grows"
    starts = [one for one in context.flow.definitions(name) if one.kind != "augmented"]
    if not all(_is_list(value_of(start), context) for start in starts):
        return f"`{name}` is not known to be a list"
    if not is_own(receiver, statement, context):
        return f"`{name}` may be seen by others while it grows"
    if may_be_unbound(receiver, context):
        return f"`{name}` may not be bound"
    return seen_by_handlers(receiver, statement, context)


def _is_list(value: cst.BaseExpression | None, context: Context) -> bool:
    if isinstance(value, cst.Call):
        return context.names.dotted(value.func) == "builtins.list"
    if isinstance(value, cst.BinaryOperation) and isinstance(value.operator, cst.Multiply):
        return isinstance(value.left, cst.List)
    return isinstance(value, cst.List | cst.ListComp)


def seen_by_handlers(receiver: cst.Name, statement: cst.CSTNode, context: Context) -> str | None:
    """Whether what an exception in a statement leads to may look at a list: the rest of a function around a `try`."""
    name = receiver.value
    occurrences = context.scopes.occurrences(context.flow.scope, context.scopes.spelling(receiver))
    child, node = statement, context.parent(statement)
    guarded = False
    while node is not None and not isinstance(node, cst.FunctionDef | cst.Module):
        if isinstance(node, cst.Try | cst.TryStar | cst.With):
            guarded = True
            if not all(context.is_inside(one, child) for one in occurrences):
                return f"`{name}` is read where an exception may lead"
        elif guarded and isinstance(node, cst.For | cst.While) and not is_made_anew(node, name, statement, context):
            # The next round may find what this one left behind.
            return f"`{name}` is read where an exception may lead"
        child, node = node, context.parent(node)
    return None
