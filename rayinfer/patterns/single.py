"""One task whose ref the members of a later group share, or that gathers a group: `total = f.remote(*refs)`."""

from __future__ import annotations

import libcst as cst

from rayinfer.facts.walk import upwards
from rayinfer.ir.nodes import All, Broadcast, Each, Refs
from rayinfer.patterns.arguments import classify
from rayinfer.patterns.callee import callee_of, name_callee
from rayinfer.patterns.context import Candidate, Context, Details, Loop, Refusal

VALID = (
    ("data = f.remote(1)\nrefs = [f.remote(data, i) for i in range(8)]", "Broadcast"),
    ("refs = [f.remote(i) for i in range(8)]\ntotal = f.remote(*refs)", "Broadcast"),
    ("refs = [f.remote(i) for i in range(8)]\nprint(ray.get(f.remote(refs)))", "Broadcast"),
)
INVALID = (
    ("data = f.remote(1)\nprint(ray.get(data))", "RI101"),
    ("actor = Counter.remote(1)", "RI101"),
    ("refs = [ray.put(i) for i in range(8)]\ntotal = f.remote(*refs)", "RI101"),
    ("refs = [ray.put(i) for i in range(8)]\nprint(ray.get(f.remote(*refs)))", "RI101"),
)


def match(site: cst.Call, context: Context) -> Candidate | None:
    """The candidate for `name = f.remote(...)`, or for a call inside an expression that may take a whole list.

    None when the submission stands elsewhere.

    Raises:
        Refusal: when it is a single actor, or a callee that is not known.
    """
    stmt = context.parent(site)
    name = assigned_name(stmt)
    if stmt is None or (name is None and not may_gather(site, context)):
        return None
    callee = callee_of(site, context)
    if name is None:
        return Candidate("single", site, callee, Broadcast, stmt, site, inline=True) if callee.kind == "task" else None
    if callee.kind == "unknown":
        text = context.source.shown(callee.target)
        raise Refusal("RI102", f"`{text}` is not known to be one remote function of this file")
    if callee.receiver is not None:
        raise Refusal("RI117", f"`{context.source.code(callee.receiver)}` is one actor, which takes a single call here")
    if callee.kind != "task":
        raise Refusal("RI101", "a single actor is not a group")
    return Candidate("single", site, callee, Broadcast, stmt, site, name.value)


def may_gather(site: cst.Call, context: Context) -> bool:
    """Whether a call takes a name that may hold a list made before, in an expression that is evaluated once."""
    *around, stmt = upwards(site, context.parents)
    if not all(isinstance(node, cst.Arg | cst.Call | cst.Attribute | cst.Subscript) for node in around):
        return False
    if not isinstance(stmt, cst.Return | cst.Assign | cst.AnnAssign | cst.Expr):
        return False
    names = [arg.value for arg in site.args if arg.star != "**" and isinstance(arg.value, cst.Name)]
    made = [getattr(definition.stmt, "value", None) for name in names for definition in context.reaching(name)]
    return any(isinstance(value, cst.BaseComp | cst.List | cst.Call) for value in made)


def gathers(details: Details) -> bool:
    """Whether the call of a single task takes all of a group."""
    return any(isinstance(argument.slot, All | Refs) for argument in details.args)


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
