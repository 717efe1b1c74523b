"""What to say of a submission that no pattern takes, by the place where it stands."""

from __future__ import annotations

import libcst as cst

from rayinfer.patterns.awaited import get_around
from rayinfer.patterns.context import Context, Refusal

_DISPLAYS = ((cst.List, "list"), (cst.Tuple, "tuple"), (cst.Set, "set"))


def refusal(site: cst.Call, context: Context) -> Refusal:
    """The reason in the user's terms: a call on its own, or a form that makes no group."""
    parent = context.parent(site)
    held = _added_to(parent, context)
    if held is not None:
        return Refusal("RI104", f"the ref is added to `{held}`, which something else may hold and read meanwhile")
    get = get_around(site, context)
    if id(get) in context.passed:
        why = context.passed[id(get)]
        what = "the value is used for nothing but arguments of `.remote`"
        return Refusal("RI002", what) if why is None else Refusal("RI119", f"{what}, but {why}")
    if isinstance(parent, cst.Expr | cst.Arg | cst.Await | cst.Return):
        return Refusal("RI101", "a single call is not a group")
    if isinstance(_target(parent), cst.Attribute):
        return Refusal("RI101", "a single call is not a group")
    return Refusal("RI104", _form(parent, context))


def _added_to(parent: cst.CSTNode | None, context: Context) -> str | None:
    """The attribute or item whose `append` takes the ref, in a loop."""
    call = context.parent(parent) if isinstance(parent, cst.Arg) else None
    if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Attribute) or call.func.attr.value != "append":
        return None
    if not isinstance(call.func.value, cst.Attribute | cst.Subscript):
        return None
    return context.source.shown(call.func.value) if context.in_loop(call) else None


def _form(parent: cst.CSTNode | None, context: Context) -> str:
    if isinstance(parent, cst.Element):
        display = next(name for kind, name in _DISPLAYS if isinstance(context.parent(parent), kind))
        return f"the submission is one item of a {display} that is written out"
    if isinstance(parent, cst.DictElement):
        return "the submission is one value of a dict that is written out"
    if isinstance(parent, cst.IfExp):
        return "a conditional expression decides whether the submission is made"
    target = _target(parent)
    if isinstance(target, cst.Subscript):
        text = context.source.shown(target)
        return f"the ref is stored in `{text}`, which is not the slot of a list or dict that one loop fills"
    return "the submission stands in no form that makes a group"


def _target(parent: cst.CSTNode | None) -> cst.BaseExpression | None:
    """What an assignment stores to, when that is one thing."""
    return parent.targets[0].target if isinstance(parent, cst.Assign) and len(parent.targets) == 1 else None
