"""The arguments of a group's call: which slot of the IR each one is."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst

from rayinfer.facts.effects import has_effect, impure_part
from rayinfer.ir.nodes import OTHER, All, Argument, Each, Earlier, Group, Refs, Shared, Slot, Some, Value
from rayinfer.patterns.callee import names_in
from rayinfer.patterns.columns import bind_column, column_of
from rayinfer.patterns.context import Candidate, Context, Details, Loop, Refusal, numbers

# Builtins through which a loop sees the members of its arguments, and at which place of the target.
_THROUGH = {"builtins.enumerate", "builtins.zip"}


def bind(target: cst.BaseExpression, iterable: cst.BaseExpression, context: Context, loop: Loop) -> None:
    """Adds what `for target in iterable` binds; a group that is iterated over is marked for `each`."""
    loop.bound.update(name.value for name in names_in(target))
    name = context.names.dotted(iterable.func) if isinstance(iterable, cst.Call) else None
    if isinstance(iterable, cst.Call) and name in _THROUGH and not any(a.keyword or a.star for a in iterable.args):
        sources = [arg.value for arg in iterable.args]
        targets: list[cst.BaseExpression | None] = [None] * len(sources)
        if isinstance(target, cst.Tuple) and all(isinstance(e, cst.Element) for e in target.elements):
            parts = [element.value for element in target.elements]
            if name == "builtins.enumerate" and len(parts) == 2:
                targets[:1] = [parts[1]]
            elif name == "builtins.zip" and len(parts) == len(sources):
                targets = list(parts)
        if name == "builtins.enumerate":
            sources, targets = sources[:1], targets[:1]
        for source, part in zip(sources, targets, strict=True):
            _bind_one(part, source, context, loop)
    else:
        _bind_one(target, iterable, context, loop)


def _bind_one(target: cst.BaseExpression | None, iterable: cst.BaseExpression, context: Context, loop: Loop) -> None:
    groups = context.list_group(iterable)
    if isinstance(target, cst.Name):
        loop.iterables[target.value] = iterable
        if bind_column(target, iterable, context, loop):
            return
    if groups and isinstance(target, cst.Name) and isinstance(iterable, cst.Name):
        loop.members[target.value] = groups
        (loop.unsure.discard if context.is_surely_group(iterable) else loop.unsure.add)(target.value)
        loop.as_group.append(iterable)
        loop.wrap_each.append(iterable)
        loop.names[target.value] = iterable.value
        loop.iterated.setdefault(target.value, []).append(iterable)
    elif target is not None:
        for name in names_in(target):
            loop.members.pop(name.value, None)
            loop.columns.pop(name.value, None)


def classify(candidate: Candidate, site: cst.Call, context: Context, loop: Loop, details: Details) -> None:
    """Fills the argument slots of `details` from the arguments of one of a group's submissions.

    Raises:
        Refusal: when an argument's effect is not known, or a ref of a member hides in a container.
    """
    members: Mapping[str, list[Candidate]] = loop.members
    # What is called may be anything: it is given the program's own lists.
    own_lists = candidate.callee.kind in ("method", "unknown") and bool(details.assumed)
    for arg in site.args:
        keyword = "**" if arg.star == "**" else arg.keyword.value if arg.keyword is not None else None
        value = arg.value
        slot: Slot | None = None
        column = column_of(arg, candidate, loop, context)
        if column is not None:
            if column.key is not None:
                plain_value(column.key, "", members, context)
            if column.node is not None:
                details.as_group.append(column.node)
                details.wrap_each.append(column.node)
            details.operands.append((column.slot, column.name))
            details.args.append(Argument(column.slot, keyword))
            continue
        if arg.star and has_effect(arg, context.names):
            text = context.source.shown(value)
            raise Refusal("RI103", f"in an argument, taking `{text}` apart may run code of this file")
        if id(arg) in loop.earlier:
            plain_value(value, arg.star, members, context)
            slot = Earlier((candidate.id, OTHER))
        elif isinstance(value, cst.Name) and not arg.star and value.value in members:
            groups = numbers(members[value.value], value.value not in loop.unsure)
            slot = (Each if loop.aligned else Some)(groups)
            details.operands.append((slot, loop.names[value.value]))
        elif isinstance(value, cst.Name) and value.value not in loop.bound:
            slot = _whole(value, arg.star, context)
            if own_lists and (isinstance(slot, Refs) or (isinstance(slot, All) and candidate.node is Group)):
                slot = None
            if slot is not None:
                details.as_group.append(value)
                details.operands.append((slot, value.value))
                if arg.star:
                    details.splat_each.append(value)
        details.args.append(Argument(slot or plain_value(value, arg.star, members, context), keyword))


def _whole(value: cst.Name, star: str, context: Context) -> Slot | None:
    """The slot of a name that stands for a whole group, or for the one ref of a `Broadcast`."""
    whole = context.list_group(value) if context.is_surely_group(value) else []
    complete = bool(whole) and not any(context.may_grow(group, value) for group in whole)
    if star:
        return All(numbers(whole)) if star == "*" and complete else None
    shared = context.shared_ref(value) if context.is_surely_group(value) else []
    if shared:
        return Shared(numbers(shared))
    return Refs(numbers(whole)) if complete else None


def plain_value(
    value: cst.BaseExpression, star: str, members: Mapping[str, list[Candidate]], context: Context
) -> Value:
    """An argument that is no ref.

    Raises:
        Refusal: when its effect is not known, or a ref of one of `members` hides in it.
    """
    effect = impure_part(value, context.names, clocks=True)
    if effect is not None:
        raise Refusal("RI103", f"in an argument, {context.describe(effect)}")
    hidden = [name for name in names_in(value) if name.value in members]
    if hidden:
        raise Refusal("RI105", f"`{hidden[0].value}` stands for a ref and is not an argument of its own")
    text = context.source.code(value)
    return Value(f"*{text}" if star == "*" else text)
