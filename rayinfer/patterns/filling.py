"""Groups that grow statement by statement: where their list or dict starts, and what each statement adds."""

from __future__ import annotations

import libcst as cst

from rayinfer.facts.walk import walk
from rayinfer.ir.nodes import OTHER, All, Each, Group, InitActors, MapActors, ReduceActors, Refs, Some
from rayinfer.patterns.arguments import classify
from rayinfer.patterns.callee import callee_of, name_callee
from rayinfer.patterns.columns import bind_column, only_taken, transposed
from rayinfer.patterns.comprehension import take_receiver
from rayinfer.patterns.context import Callee, Candidate, Context, Details, Fill, Loop, Refusal
from rayinfer.patterns.single import assigned_name


def start_of(receiver: cst.Name, context: Context) -> tuple[cst.CSTNode, cst.BaseExpression]:
    """The one assignment that starts a list or dict, and the value that it starts as.

    Raises:
        Refusal: when there are several, or it is no assignment to the one name.
    """
    starts = context.reaching(receiver)
    start = next(iter(starts), None)
    if start is None or len(starts) != 1 or start.stmt is None:
        raise Refusal("RI108", f"`{receiver.value}` does not start at one place of this function")
    name = assigned_name(start.stmt)
    value = getattr(start.stmt, "value", None)
    if name is None or name is not start.node or not isinstance(value, cst.BaseExpression):
        raise Refusal("RI108", f"`{receiver.value}` does not start empty")
    return start.stmt, value


def merge(candidate: Candidate, other: Candidate) -> bool:
    """Takes the call of `other`, which grows the same list or dict, into `candidate`; False when they differ."""
    kinds = [(one.form, one.node, one.callee.kind, one.depth, one.rowed) for one in (candidate, other)]
    same = kinds[0] == kinds[1]
    if not same or " ".join(other.callee.task.split()) != " ".join(candidate.callee.task.split()):
        return False
    candidate.fills.extend(other.fills)
    return True


def fill_details(candidate: Candidate, context: Context, cells: frozenset[int] = frozenset()) -> Details:
    """The operands of a group that grows: the arguments of each of its `.remote` calls.

    Those in `cells`, by their identity, take members of the group itself.

    Raises:
        Refusal: when an argument is not understood.
    """
    found = Details()
    over: cst.BaseExpression | None = None
    for number, fill in enumerate(candidate.fills):
        loop = member_loops(candidate, fill, context)
        loop.earlier = cells
        loop.aligned = loop.aligned and len(candidate.fills) == 1 and not candidate.late
        found.as_group += loop.as_group
        found.wrap_each += loop.wrap_each
        name_callee(fill.callee, loop, found, context)
        receiver = fill.callee.receiver
        if receiver is not None:
            groups = take_receiver(fill.callee, fill.site, loop, found, context)
            # Only what is appended by itself says beside it which actor it calls.
            alone = fill.call is not None and fill.binder is None and not candidate.rowed
            found.named = found.named or bool(found.assumed) or not (alone or candidate.form == "dropped")
            if not groups:
                over = loop.iterables.get(receiver.value, receiver) if isinstance(receiver, cst.Name) else receiver
        earlier, found.args = found.args, []
        classify(candidate, fill.site, context, loop, found)
        if number:
            found.more.append(found.args)
            found.args = earlier
        if fill.receiver is not None and candidate.form != "joined":
            found.as_group.append(fill.receiver)
    found.over = over
    if over is not None and found.actors:
        found.actors = (*found.actors, OTHER)
    slots = [argument.slot for args in (found.args, *found.more) for argument in args]
    if candidate.callee.receiver is not None:
        candidate.node = ReduceActors if any(isinstance(slot, All | Refs) for slot in slots) else MapActors
    if candidate.node is InitActors and any(isinstance(slot, Each | Some) for slot in slots):
        raise Refusal("RI104", "actors that are made from the members of another group are left as they are")
    return found


def varying(stmt: cst.CSTNode, start: cst.CSTNode, context: Context) -> frozenset[str]:
    """The names that a loop around `stmt`, which begins at `start` or after it, may bind anew for each member."""
    outermost = _outermost(stmt, start, context)
    if outermost is None:
        return frozenset()
    names = (part for part in walk(outermost) if isinstance(part, cst.Name))
    return frozenset(name.value for name in names if context.scopes.is_store(name))


def filled_by(site: cst.Call, stmt: cst.CSTNode, start: cst.CSTNode, context: Context, *own: str) -> Callee:
    """What the submission in `stmt` calls, of a group that begins at `start`; names in `own` are each member's, too.

    Raises:
        Refusal: when the callee is not known.
    """
    outermost = _outermost(stmt, start, context) or stmt
    text = context.source.offsets(start)[0], context.source.offsets(outermost)[1]
    return callee_of(site, context, varying(stmt, start, context).union(own), text)


def _outermost(stmt: cst.CSTNode, start: cst.CSTNode, context: Context) -> cst.CSTNode | None:
    """The outermost loop around `stmt` that begins at `start` or after it."""
    outermost: cst.CSTNode | None = None
    node: cst.CSTNode | None = stmt
    while node is not None and not isinstance(node, cst.FunctionDef | cst.ClassDef):
        if isinstance(node, cst.For | cst.While):
            if context.source.offsets(node)[0] < context.source.offsets(start)[0]:
                break
            outermost = node
        node = context.parent(node)
    return outermost


def member_loops(candidate: Candidate, fill: Fill, context: Context) -> Loop:
    """The `for` loops around a submission whose variable stands for members of a group, and nothing else."""
    loop = Loop()
    start, _ = context.source.offsets(candidate.stmt)
    around = 0
    node: cst.CSTNode | None = fill.site
    while node is not None and not isinstance(node, cst.FunctionDef | cst.ClassDef | cst.Module):
        node = context.parent(node)
        if isinstance(node, cst.For | cst.While | cst.If) and context.source.offsets(node)[0] > start:
            around += 1
            loop.aligned = around == 1 and not (isinstance(node, cst.For) and has_jumps(node))
        if isinstance(node, cst.For) and isinstance(node.target, cst.Name):
            loop.iterables.setdefault(node.target.value, node.iter)
        if context.exported and not context.under_main_guard(fill.site):
            continue
        if isinstance(node, cst.For) and isinstance(node.target, cst.Name) and transposed(node.iter, context):
            if candidate.node is not Group and node.target.value not in loop.bound and only_taken(node, context):
                bind_column(node.target, node.iter, context, loop)
                loop.bound.add(node.target.value)
        if isinstance(node, cst.For) and isinstance(node.target, cst.Name) and isinstance(node.iter, cst.Name):
            groups = context.list_group(node.iter)
            if groups and only_submitted(node, context):
                if node.target.value not in loop.members and not context.is_surely_group(node.iter):
                    loop.unsure.add(node.target.value)
                loop.members.setdefault(node.target.value, groups)
                loop.as_group.append(node.iter)
                loop.wrap_each.append(node.iter)
                loop.bound.add(node.target.value)
                loop.names[node.target.value] = node.iter.value
    return loop


def has_jumps(loop: cst.For) -> bool:
    """Whether some round of a loop may be left early, or be the last."""
    return any(isinstance(part, cst.Break | cst.Continue) for part in walk(loop.body))


def only_submitted(loop: cst.For, context: Context) -> bool:
    """Whether every read of a loop's variable is an argument of its own of a `.remote` call in the loop."""
    assert isinstance(loop.target, cst.Name)
    own = [d for d in context.flow.definitions(context.scopes.spelling(loop.target)) if d.node is loop.target]
    for definition in own:
        for use in context.flow.uses(definition):
            call = _submission_of(use, context)
            if id(call) not in context.sites or not context.is_inside(use, loop):
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
