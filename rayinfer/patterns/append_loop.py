"""A fan-out by append loop: `refs = []`, then `refs.append(f.remote(x))` in a loop without other effects."""

from __future__ import annotations

import libcst as cst

from rayinfer.ir.nodes import All, Each, InitActors, MapActors, ReduceActors, Refs, Some
from rayinfer.patterns.arguments import classify
from rayinfer.patterns.callee import callee_of, check_options
from rayinfer.patterns.comprehension import node_of
from rayinfer.patterns.context import Candidate, Context, Details, Loop, Refusal, makes_actors, numbers
from rayinfer.patterns.single import assigned_name

VALID = (
    ("refs = []\nfor i in range(8):\n    refs.append(f.remote(i))", "Map"),
    ("refs = []\nfor n in names:\n    size = len(n)\n    refs.append(f.remote(n, size))", "Map"),
    ("actors = []\nfor i in range(8):\n    actors.append(Counter.remote(i))", "InitActors"),
)
INVALID = (
    ("refs = load()\nfor i in range(8):\n    refs.append(f.remote(i))", "RI108"),
    ("refs = []\nfor i in range(8):\n    refs.append(f.remote(i))\n    print(i)", "RI113"),
    ("refs = []\nfor i in range(8):\n    refs.append(f.remote(i))\n    refs.append(i)", "RI108"),
)


def match(site: cst.Call, context: Context) -> Candidate | None:
    """The candidate for `name.append(f.remote(...))`; its statement is the one that starts the list.

    Raises:
        Refusal: when the list does not start empty at one place, or the callee is not known.
    """
    append = appended_to(site, context)
    if append is None:
        return None
    receiver = receiver_of(append)
    callee = callee_of(site, context, _receivers(append, context))
    starts = context.flow.reaching(receiver)
    start = next(iter(starts), None)
    if start is None or len(starts) != 1 or start.stmt is None:
        raise Refusal("RI108", f"the list `{receiver.value}` does not start at one place of this function")
    name = assigned_name(start.stmt)
    value = getattr(start.stmt, "value", None)
    if name is None or name is not start.node or not isinstance(value, cst.List) or value.elements:
        raise Refusal("RI108", f"the list `{receiver.value}` does not start empty")
    candidate = Candidate("append", site, callee, node_of(callee, site), start.stmt, value, name.value)
    candidate.appends.append(append)
    return candidate


def appended_to(site: cst.Call, context: Context) -> cst.Call | None:
    """The call `name.append(site)` around a submission, when it is a statement of its own."""
    arg = context.parent(site)
    append = context.parent(arg) if isinstance(arg, cst.Arg) else None
    if not isinstance(append, cst.Call) or not isinstance(append.func, cst.Attribute) or len(append.args) != 1:
        return None
    if append.func.attr.value != "append" or not isinstance(append.func.value, cst.Name) or append.args[0].star:
        return None
    return append if isinstance(context.parent(append), cst.Expr) else None


def receiver_of(append: cst.Call) -> cst.Name:
    """The list's name in `name.append(...)`."""
    assert isinstance(append.func, cst.Attribute) and isinstance(append.func.value, cst.Name)
    return append.func.value


def details(candidate: Candidate, context: Context) -> Details:
    """The operands of an append loop's group: the arguments of its one `.remote` call.

    Raises:
        Refusal: when an argument is not understood.
    """
    loop = member_loops(candidate, context)
    found = Details(as_group=loop.as_group, wrap_each=loop.wrap_each)
    check_options(candidate, loop, context)
    receiver = candidate.callee.receiver
    if receiver is not None:
        if (
            not all(makes_actors(group) for group in loop.members.get(receiver.value, []))
            or receiver.value not in loop.members
        ):
            raise Refusal("RI102", f"`{receiver.value}` is not known to be an actor of a list")
        found.actors = numbers(loop.members.pop(receiver.value))
    classify(candidate.site, context, loop, found)
    slots = [argument.slot for argument in found.args]
    if receiver is not None:
        candidate.node = ReduceActors if any(isinstance(slot, All | Refs) for slot in slots) else MapActors
    elif any(isinstance(slot, All) for slot in slots):
        raise Refusal("RI104", "a gather of a whole group by tasks is not a group of its own yet")
    if candidate.node is InitActors and any(isinstance(slot, Each | Some) for slot in slots):
        raise Refusal("RI104", "actors that are made from the members of another group are left as they are")
    for append in candidate.appends:
        found.as_group.append(receiver_of(append))
    return found


def _receivers(append: cst.Call, context: Context) -> frozenset[str]:
    """The variable of the loop whose whole body is this append: its value may be the actor that is called."""
    node: cst.CSTNode | None = append
    while node is not None and not isinstance(node, cst.For | cst.FunctionDef | cst.ClassDef):
        node = context.parent(node)
    if isinstance(node, cst.For) and isinstance(node.target, cst.Name) and len(node.body.body) == 1:
        return frozenset({node.target.value})
    return frozenset()


def member_loops(candidate: Candidate, context: Context) -> Loop:
    """The `for` loops around a submission whose variable stands for members of a group, and nothing else."""
    loop = Loop()
    start, _ = context.source.offsets(candidate.stmt)
    around = 0
    node: cst.CSTNode | None = candidate.site
    while node is not None and not isinstance(node, cst.FunctionDef | cst.ClassDef | cst.Module):
        node = context.parent(node)
        if isinstance(node, cst.For | cst.While | cst.If) and context.source.offsets(node)[0] > start:
            around += 1
            loop.aligned = around == 1
        if context.exported and not context.under_main_guard(candidate.site):
            continue
        if isinstance(node, cst.For) and isinstance(node.target, cst.Name) and isinstance(node.iter, cst.Name):
            groups = context.list_group(node.iter)
            if groups and only_submitted(node, context):
                loop.members.setdefault(node.target.value, groups)
                loop.as_group.append(node.iter)
                loop.wrap_each.append(node.iter)
                loop.bound.add(node.target.value)
                loop.names[node.target.value] = node.iter.value
    return loop


def only_submitted(loop: cst.For, context: Context) -> bool:
    """Whether every read of a loop's variable is an argument of its own of a `.remote` call in the loop."""
    assert isinstance(loop.target, cst.Name)
    own = [d for d in context.flow.definitions(loop.target.value) if d.node is loop.target]
    for definition in own:
        for use in context.flow.uses(definition):
            call = _submission_of(use, context)
            if id(call) not in context.sites or not _inside(use, loop, context):
                return False
    return bool(own)


def _submission_of(use: cst.Name, context: Context) -> cst.CSTNode | None:
    """The call that takes a name as an argument of its own, or calls a method of it remotely."""
    parent = context.parent(use)
    if isinstance(parent, cst.Arg) and not parent.star:
        return context.parent(parent)
    if isinstance(parent, cst.Attribute):
        outer = context.parent(parent)
        return context.parent(outer) if isinstance(outer, cst.Attribute) else None
    return None


def _inside(node: cst.CSTNode, loop: cst.For, context: Context) -> bool:
    current: cst.CSTNode | None = node
    while current is not None and current is not loop:
        current = context.parent(current)
    return current is loop
