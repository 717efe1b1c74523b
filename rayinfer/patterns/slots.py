"""A fan-out by a loop that fills a dict or a list: `out = {}`, then `out[key] = f.remote(x)`, without other effects."""

from __future__ import annotations

import libcst as cst

from rayinfer.patterns.callee import names_in
from rayinfer.patterns.comprehension import node_of, refuse_effect
from rayinfer.patterns.context import Candidate, Context, Details, Fill, Refusal
from rayinfer.patterns.filling import fill_details, filled_by, member_loops, start_of
from rayinfer.patterns.taken import check_beside, is_certain, may_be_unbound, ref_of

VALID = (
    ("out = {}\nfor n in names:\n    out[n] = f.remote(n)", "Map"),
    ("out = [None] * 8\nfor i in range(8):\n    out[i] = f.remote(i)", "Map"),
    ("actors = dict()\nfor n in names:\n    actors[n] = Counter.remote()", "InitActors"),
    ("out = {}\nfor n in names:\n    out[f.remote(n)] = n", "Map"),
    ("out = {}\nfor n in names:\n    ref = f.remote(n)\n    out[ref] = n", "Map"),
)
INVALID = (
    ("out = load()\nfor n in names:\n    out[n] = f.remote(n)", "RI108"),
    ("out = {}\nfor n in names:\n    out[n] = f.remote(n)\n    print(out)", "RI108"),
    ("out = {}\nfor n in names:\n    out[queue.pop()] = f.remote(n)", "RI103"),
    ("out = {}\nfor n in names:\n    out[n[0]] = f.remote(n)", "RI103"),
    ("out = {}\nfor n in names:\n    out[n] = f.remote(n)\n    out[n] = step.remote(n)\n    print(n)", "RI104"),
)
_CERTAIN = (cst.Name, cst.Integer, cst.SimpleString)


def match(site: cst.Call, context: Context) -> Candidate | None:
    """The candidate for `name[key] = f.remote(...)`; its statement is the one that starts the dict or list.

    So it is for `name[f.remote(...)] = value`, and where the statement before binds the ref to a name.

    Raises:
        Refusal: when the container does not start at one place, or the callee is not known.
    """
    ref = ref_of(site, context)
    stmt = assignment_of(ref.node, context)
    if stmt is None:
        return None
    target = stmt.targets[0].target
    if not isinstance(target, cst.Subscript) or not isinstance(target.value, cst.Name):
        return None
    receiver = target.value
    start, value = start_of(receiver, context)
    if not is_new(value, context):
        raise Refusal("RI108", f"`{receiver.value}` does not start as a new dict or list")
    by_ref = stmt.value is not ref.node
    if by_ref and (len(target.slice) != 1 or _is_list(value)):
        raise Refusal("RI104", "the ref is a part of the key")
    keys: list[cst.BaseExpression] = []
    for element in target.slice if not by_ref else ():
        if not isinstance(element.slice, cst.Index):
            raise Refusal("RI104", "the submission is assigned to a slice")
        key = element.slice.value
        refuse_key(key, context)
        keys.append(key)
    if by_ref:
        check_beside(stmt.value, context, ref.binder is not None)
    callee = filled_by(site, stmt, start, context)
    candidate = Candidate("slot", site, callee, node_of(callee), start, value, receiver.value)
    beside = (stmt.value,) if by_ref else ()
    candidate.fills.append(Fill(stmt, site, callee, receiver, tuple(keys), binder=ref.binder, beside=beside))
    return candidate


def assignment_of(ref: cst.BaseExpression, context: Context) -> cst.Assign | None:
    """The assignment that a ref is the value of, or the one key in the target of."""
    parent = context.parent(ref)
    if isinstance(parent, cst.Index):
        element = context.parent(parent)
        target = context.parent(element) if element is not None else None
        parent = context.parent(target) if target is not None else None
        parent = context.parent(parent) if isinstance(parent, cst.AssignTarget) else None
    return parent if isinstance(parent, cst.Assign) and len(parent.targets) == 1 else None


def details(candidate: Candidate, context: Context) -> Details:
    """The operands of a group that fills a dict or list: the arguments of its `.remote` calls.

    Raises:
        Refusal: when an argument is not understood, or a key reads a ref.
    """
    for fill in candidate.fills:
        members = member_loops(candidate, fill, context).members
        for name in (name for key in fill.keys for name in names_in(key)):
            if name.value in members:
                raise Refusal("RI105", f"`{name.value}` stands for a ref and is a key")
    return fill_details(candidate, context)


def refuse_key(key: cst.BaseExpression, context: Context) -> None:
    """Raises a refusal for a key that has an effect, or may raise once the call is made."""
    refuse_effect(key, context, "the key")
    if not is_certain(key) or may_be_unbound(key, context):
        raise Refusal("RI103", f"the key `{context.source.code(key)}` is computed after the call, and may raise")


def is_new(value: cst.BaseExpression, context: Context) -> bool:
    """Whether an expression makes a dict or list that nothing else holds, of plain values."""
    if isinstance(value, cst.Call):
        return context.names.dotted(value.func) == "builtins.dict" and not value.args
    if isinstance(value, cst.BinaryOperation) and isinstance(value.operator, cst.Multiply):
        return isinstance(value.left, cst.List) and is_new(value.left, context)
    if isinstance(value, cst.List):
        return all(isinstance(e, cst.Element) and isinstance(e.value, _CERTAIN) for e in value.elements)
    return isinstance(value, cst.Dict) and not value.elements


def _is_list(value: cst.BaseExpression) -> bool:
    return isinstance(value, cst.List | cst.BinaryOperation)
