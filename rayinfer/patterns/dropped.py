"""Calls whose results nobody takes, in loops with other statements: `for x in xs: y = x + 1; f.remote(y)`."""

from __future__ import annotations

import libcst as cst

from rayinfer.patterns.callee import is_submission
from rayinfer.patterns.comprehension import node_of, refuse_test
from rayinfer.patterns.context import Candidate, Context, Fill, Refusal
from rayinfer.patterns.filling import filled_by
from rayinfer.patterns.single import assigned_name
from rayinfer.patterns.taken import check_beside, choice_around

VALID = (
    ("for n in names:\n    size = len(n)\n    f.remote(n, size)", "Map"),
    ("for i in range(8):\n    f.remote(i)\n    step.remote(i)", "Map"),
    (
        "actors = [Counter.remote(i) for i in range(8)]\nfor a in actors:\n    a.add.remote(1)\n    a.add.remote(2)",
        "MapActors",
    ),
    ("def main():\n    for i in range(8):\n        ref = f.remote(i)\n        print(i)", "Map"),
    ("for i in range(8):\n    f.remote(i) if i % 2 else f.remote(-i)\n    f.remote(i) if i else None", "Map"),
)
INVALID = (
    ("for i in range(8):\n    f.remote(i) if i % 2 else step.remote(i)", "RI104"),
    ("for i in range(8):\n    f.remote(i) if queue.pop() else None", "RI103"),
    ("for i in range(8):\n    f.remote(i)\n    note(i)", "RI113"),
    ("def main():\n    for i in range(8):\n        ref = f.remote(i)\n    return ref", "RI101"),
    ("def main():\n    for i in range(8):\n        counter = Counter.remote(i)\n        print(i)", "RI101"),
    ("for i in range(8):\n    note(i)\n    if i % 2:\n        f.remote(i)", "RI113"),
    ("f.remote(1)\nstep.remote(2)", "RI101"),
    ("for i in range(8):\n    Counter.remote(i)\n    step.remote(i)", "RI101"),
)


def match(site: cst.Call, context: Context) -> Candidate | None:
    """The candidate for a submission that is a statement of its own, in a `for`; None when it is not.

    So it is where a conditional expression that is a statement decides whether the call is made, and where one binds
    the ref to a name that nothing reads.
    Its statement is the outermost loop, until the region is known that its members are made in.

    Raises:
        Refusal: when the callee gives several refs, or is an actor that nobody would hold.
    """
    choice = choice_around(site, context)
    stmt = context.parent(choice or site)
    if stmt is None or not (isinstance(stmt, cst.Expr) or (choice is None and _is_unread(stmt, context))):
        return None
    loops = [node for node in context.around(stmt) if isinstance(node, cst.For)]
    if not loops:
        return None
    callee = filled_by(site, stmt, loops[-1], context)
    if not isinstance(stmt, cst.Expr) and callee.kind not in ("task", "method"):
        # The name holds the last actor.
        return None
    if callee.kind == "actor":
        raise Refusal("RI101", "actors whose handles are dropped end at once")
    candidate = Candidate("dropped", site, callee, node_of(callee), loops[-1], loops[-1])
    if choice is not None:
        refuse_test(choice.test, context)
        other = choice.orelse if choice.body is site else choice.body
        if not is_submission(other, context):
            check_beside(other, context, after=False)
    candidate.fills.append(Fill(stmt, site, callee, beside=(choice.test,) if choice is not None else ()))
    return candidate


def _is_unread(stmt: cst.CSTNode, context: Context) -> bool:
    """Whether a statement assigns to one name that is only ever assigned to."""
    name = assigned_name(stmt)
    if name is None or context.exported or context.scopes.owner(name) is not context.flow.scope:
        return False
    occurrences = context.scopes.occurrences(context.flow.scope, context.scopes.spelling(name))
    return all(isinstance(context.parent(one), cst.AssignTarget | cst.AnnAssign) for one in occurrences)
