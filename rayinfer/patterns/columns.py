"""The columns of a shuffle: what a call takes of tasks with several results each, one result of every one of them."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from rayinfer.ir.nodes import ANY, OWN, All, Group, Refs
from rayinfer.patterns.callee import names_in
from rayinfer.patterns.context import Candidate, Context, Loop, numbers

_TAKERS = frozenset({"builtins.list", "builtins.tuple"})


@dataclass(frozen=True)
class Column:
    """A column that is an argument: its slot, and the name of the group; `node` is the name itself where it is new."""

    slot: All | Refs
    name: str
    key: cst.BaseExpression | None = None
    node: cst.Name | None = None


def bind_column(target: cst.Name, iterable: cst.BaseExpression, context: Context, loop: Loop) -> bool:
    """Adds what `for target in zip(*group)` binds, a column for each round; false for any other loop."""
    name = transposed(iterable, context)
    if name is None:
        return False
    loop.columns[target.value] = context.several_group(name)
    loop.as_group.append(name)
    loop.wrap_each.append(name)
    loop.names[target.value] = name.value
    loop.iterated.setdefault(target.value, []).append(name)
    return True


def transposed(iterable: cst.BaseExpression, context: Context) -> cst.Name | None:
    """The name of the group in `zip(*group)`, also with `strict=`; None for anything else."""
    if not isinstance(iterable, cst.Call) or context.names.dotted(iterable.func) != "builtins.zip":
        return None
    first, *rest = iterable.args or (None,)
    if first is None or first.star != "*" or not isinstance(first.value, cst.Name):
        return None
    if any(arg.keyword is None or arg.keyword.value != "strict" or not _is_flag(arg.value) for arg in rest):
        return None
    return first.value if context.several_group(first.value) else None


def column_of(arg: cst.Arg, candidate: Candidate, loop: Loop, context: Context) -> Column | None:
    """The column that an argument is: `*[r[i] for r in group]`, or what a loop over `zip(*group)` binds."""
    value = arg.value
    kind: type[All] | type[Refs] = All if arg.star == "*" else Refs
    if arg.star == "**" or candidate.node is Group:
        # What takes it may turn out to be an actor class.
        return None
    if kind is Refs and isinstance(value, cst.Call) and len(value.args) == 1 and not value.args[0].star:
        if context.names.dotted(value.func) in _TAKERS and value.args[0].keyword is None:
            value = value.args[0].value
            if not isinstance(value, cst.Name):
                return None
    if isinstance(value, cst.Name):
        groups = loop.columns.get(value.value)
        return Column(kind(numbers(groups), OWN if loop.aligned else ANY), loop.names[value.value]) if groups else None
    if not isinstance(value, cst.ListComp) and not (kind is All and isinstance(value, cst.GeneratorExp)):
        return None
    return _written_out(value, kind, loop, context)


def _written_out(
    value: cst.ListComp | cst.GeneratorExp, kind: type[All] | type[Refs], loop: Loop, context: Context
) -> Column | None:
    """The column in `[r[key] for r in group]`."""
    clause, element = value.for_in, value.elt
    if clause.ifs or clause.inner_for_in is not None or clause.asynchronous is not None:
        return None
    if not isinstance(clause.target, cst.Name) or not isinstance(clause.iter, cst.Name):
        return None
    if not isinstance(element, cst.Subscript) or not isinstance(element.value, cst.Name) or len(element.slice) != 1:
        return None
    index = element.slice[0].slice
    if element.value.value != clause.target.value or not isinstance(index, cst.Index) or index.star:
        return None
    hidden = {clause.target.value, *loop.members, *loop.columns}
    if clause.iter.value in loop.bound or any(name.value in hidden for name in names_in(index.value)):
        return None
    groups = context.several_group(clause.iter)
    if not groups:
        return None
    part = context.source.shown(index.value)
    return Column(kind(numbers(groups), part), clause.iter.value, index.value, clause.iter)


def drop_unknown(candidate: Candidate, loop: Loop, context: Context) -> None:
    """Takes from `loop` the columns that a group's call reads, but not as an argument: it must find the refs itself."""
    options = candidate.callee.options
    read: list[cst.BaseExpression] = [candidate.callee.target]
    read += [arg.value for arg in options.args] if options is not None else []
    read += [arg.value for arg in candidate.site.args if column_of(arg, candidate, loop, context) is None]
    names = {name.value for part in read for name in names_in(part)}
    drop_read(names & loop.columns.keys(), loop)


def drop_read(names: set[str], loop: Loop) -> None:
    """Takes from `loop` what these names stand for: who reads them must find the refs themselves."""
    for name in names & loop.iterated.keys():
        loop.members.pop(name, None)
        loop.columns.pop(name, None)
        for iterable in loop.iterated.pop(name):
            loop.as_group.remove(iterable)
            loop.wrap_each.remove(iterable)


def only_taken(loop: cst.For, context: Context) -> bool:
    """Whether every read of a loop's variable is a column that a known submission in the loop takes."""
    assert isinstance(loop.target, cst.Name)
    own = [d for d in context.flow.definitions(context.scopes.spelling(loop.target)) if d.node is loop.target]
    uses = [use for definition in own for use in context.flow.uses(definition)]
    return bool(own) and all(_is_taken(use, context) and context.is_inside(use, loop) for use in uses)


def _is_taken(use: cst.Name, context: Context) -> bool:
    arg = context.parent(use)
    call = context.parent(arg) if isinstance(arg, cst.Arg) and arg.star != "**" else None
    if not isinstance(arg, cst.Arg) or not isinstance(call, cst.Call):
        return False
    if context.names.dotted(call.func) in _TAKERS and len(call.args) == 1 and not arg.star and arg.keyword is None:
        arg = context.parent(call)
        call = context.parent(arg) if isinstance(arg, cst.Arg) and not arg.star else None
    return id(call) in context.sites


def _is_flag(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Name) and node.value in ("True", "False")
