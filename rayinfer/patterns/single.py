"""One task whose ref the members of a later group share: `data = load.remote(path)`."""

from __future__ import annotations

import libcst as cst

from rayinfer.ir.nodes import Broadcast, Each
from rayinfer.patterns.arguments import classify
from rayinfer.patterns.callee import callee_of, name_callee
from rayinfer.patterns.context import Candidate, Context, Details, Loop, Refusal

VALID = (("data = f.remote(1)\nrefs = [f.remote(data, i) for i in range(8)]", "Broadcast"),)
INVALID = (
    ("data = f.remote(1)\nprint(ray.get(data))", "RI101"),
    ("actor = Counter.remote(1)", "RI101"),
)


def match(site: cst.Call, context: Context) -> Candidate | None:
    """The candidate for `name = f.remote(...)`; None when the submission stands elsewhere.

    Raises:
        Refusal: when it is a single actor, or a callee that is not known.
    """
    stmt = context.parent(site)
    name = assigned_name(stmt)
    if name is None or stmt is None:
        return None
    callee = callee_of(site, context)
    if callee.kind == "unknown":
        text = " ".join(context.source.code(callee.target).split())
        raise Refusal("RI102", f"`{text}` is not known to be one remote function of this file")
    if callee.receiver is not None:
        raise Refusal("RI117", f"`{context.source.code(callee.receiver)}` is one actor, which takes a single call here")
    if callee.kind != "task":
        raise Refusal("RI101", "a single actor is not a group")
    return Candidate("single", site, callee, Broadcast, stmt, site, name.value)


def details(candidate: Candidate, context: Context) -> Details:
    """The operands of a `Broadcast`.

    Raises:
        Refusal: when an argument is not understood.
    """
    found = Details()
    name_callee(candidate.callee, Loop(), found, context)
    found.named = False
    classify(candidate, candidate.site, context, Loop(), found)
    if any(isinstance(argument.slot, Each) for argument in found.args):
        raise Refusal("RI101", "a single call is not a group")
    return found


def assigned_name(stmt: cst.CSTNode | None) -> cst.Name | None:
    """The name that an assignment to one plain name binds."""
    if isinstance(stmt, cst.Assign) and len(stmt.targets) == 1 and isinstance(stmt.targets[0].target, cst.Name):
        return stmt.targets[0].target
    if isinstance(stmt, cst.AnnAssign) and isinstance(stmt.target, cst.Name) and stmt.value is not None:
        return stmt.target
    return None
