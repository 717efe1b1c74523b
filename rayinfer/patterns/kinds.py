"""What an expression of a stretch stands for: a ref, a list of refs, or a container whose items hold refs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import libcst as cst

from rayinfer.facts.flow import Definition
from rayinfer.patterns.context import Callee, Context, Refusal
from rayinfer.patterns.owned import value_of

REF, LIST, PLAIN = "a ref", "a list of refs", "a plain value"
# A tuple, list or dict that is written out with refs in it, and a list or dict of such, of lists, or of refs by key.
ROW, HOLDER = "a row of refs", "a container of refs"


@dataclass(frozen=True, slots=True)
class Kind:
    """What an expression stands for: the calls, by identity, whose refs it may be; `other` for what is none of them.

    `part` says which of their several results it is, where that is known. What is `earlier` may be, or hold, a list or
    dict that was there before the statements.
    """

    what: str = PLAIN
    sites: frozenset[int] = frozenset()
    other: bool = False
    part: str | None = None
    earlier: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a statement stands: what is bound in the `for` loops around it, and whether one of them is a `while`.

    `varying` is what any of these binds; `choices` are the conditional expressions around a part of the statement, as
    the lines that a branch would begin with.
    """

    bound: frozenset[str] | None = None
    varying: frozenset[str] = frozenset()
    repeats: bool = False
    name: str | None = None
    stmt: cst.CSTNode | None = None
    holder: cst.BaseComp | None = None
    choices: tuple[str, ...] = ()

    @property
    def loops(self) -> bool:
        """Whether the statement, or the part of it, may be come to several times."""
        return self.bound is not None or self.repeats or self.holder is not None


@dataclass(frozen=True, slots=True)
class Site:
    """One submission of a stretch: what it calls, its statement, and what stands around it there.

    `holder` is the comprehension that it is repeated by, `name` what its ref is bound to, and `choices` are the
    conditional expressions that decide whether it is made. `actors` are the calls, by identity, that made the actor
    whose method it calls; None for any other actor, and for tasks.
    """

    call: cst.Call
    callee: Callee
    stmt: cst.CSTNode | None
    holder: cst.BaseComp | None
    name: str | None
    choices: tuple[str, ...]
    actors: Kind | None = None


def either(first: Kind | None, second: Kind) -> Kind:
    """What may be one or the other.

    Raises:
        Refusal: when the two are not used alike.
    """
    if first is None:
        return second
    whats = {first.what, second.what}
    if ROW in whats:
        raise Refusal("RI101", "a name stands for several refs")
    if whats & {LIST, HOLDER} and PLAIN in whats:
        raise Refusal("RI101", "a name stands for a list of refs and for something else")
    if whats & {LIST, HOLDER} and REF in whats:
        raise Refusal("RI101", "a name stands for a ref and for a list of them")
    what = HOLDER if HOLDER in whats else first.what if first.what != PLAIN else second.what
    part = first.part if first.part == second.part or second.what == PLAIN else None
    part = second.part if first.what == PLAIN else part
    other, earlier = first.other or second.other or PLAIN in whats, first.earlier or second.earlier
    return Kind(what, first.sites | second.sites, other, part, earlier)


def holding(item: Kind) -> Kind:
    """What a list is that gets an item.

    Raises:
        Refusal: when the item is no ref, and holds none by itself.
    """
    if item.what not in (REF, ROW, LIST):
        raise Refusal("RI101", "a list gets something else than refs")
    return Kind(LIST if item.what == REF else HOLDER, item.sites, item.other, earlier=item.earlier)


def pairs(target: cst.BaseExpression, value: cst.BaseExpression) -> list[tuple[cst.BaseExpression, cst.BaseExpression]]:
    """What an assignment binds, one by one: the target and the value.

    Raises:
        Refusal: when a tuple is taken apart whose values are not written out.
    """
    if not isinstance(target, cst.Tuple) or not isinstance(value, cst.Tuple):
        return [(target, value)]
    if len(target.elements) != len(value.elements):
        raise Refusal("RI101", "values are taken apart")
    return [(part.value, given.value) for part, given in zip(target.elements, value.elements, strict=True)]


def parts(target: cst.Tuple | cst.List) -> list[cst.BaseExpression]:
    """What the several results of a call are bound to, one by one.

    Raises:
        Refusal: when one of them takes several, or is taken apart itself.
    """
    if any(not isinstance(one, cst.Element) or isinstance(one.value, cst.Tuple | cst.List) for one in target.elements):
        raise Refusal("RI101", "values are taken apart")
    return [element.value for element in target.elements]


def grown(item: Kind, method: str, in_dict: bool) -> Kind:
    """What a list is that gets an item by `append` or `extend`, or the dict that it stands in.

    Raises:
        Refusal: when the item is none, or no list, of refs.
    """
    if method == "extend" and item.what != LIST:
        raise Refusal("RI101", "a list gets something else than refs")
    found = holding(item) if method == "append" else replace(item, earlier=False)
    if in_dict and found.what != LIST:
        raise Refusal("RI101", "a list of a dict gets something else than refs")
    return replace(found, what=HOLDER) if in_dict else found


def row(node: cst.List | cst.Tuple | cst.Dict, items: Sequence[Kind]) -> Kind:
    """What a list, tuple or dict is that is written out with some refs in it: a list of refs, or a row.

    Raises:
        Refusal: when it holds lists of refs, but in a list of nothing else.
    """
    pairs = list(zip(node.elements, items, strict=True))
    sites, other = frozenset().union(*(kind.sites for kind in items)), any(kind.other for kind in items)
    single = (cst.Element, cst.DictElement)
    if isinstance(node, cst.List) and all(k.what == (REF if isinstance(e, single) else LIST) for e, k in pairs):
        return Kind(LIST, sites, other)
    if not all(isinstance(element, single) and kind.what in (REF, PLAIN) for element, kind in pairs):
        raise Refusal("RI101", "a list holds something else than refs")
    return Kind(ROW, sites, other)


def started(node: cst.BaseExpression, context: Context) -> str:
    """What an expression starts, an empty list or an empty dict; PLAIN for anything else."""
    called = context.names.dotted(node.func) if isinstance(node, cst.Call) and not node.args else None
    if (isinstance(node, cst.List) and not node.elements) or called == "builtins.list":
        return LIST
    return HOLDER if (isinstance(node, cst.Dict) and not node.elements) or called == "builtins.dict" else PLAIN


def is_filled(name: str, context: Context) -> bool:
    """Whether items of the dict that a name stands for are assigned, or lists in it started."""
    for use in context.scopes.occurrences(context.flow.scope, name):
        parent = context.parent(use)
        if isinstance(parent, cst.Subscript) and _is_target(parent, context):
            return True
        if isinstance(parent, cst.Attribute) and parent.attr.value == "setdefault":
            return True
    return False


def _is_target(node: cst.CSTNode, context: Context) -> bool:
    """Whether an assignment gives something to an expression, by itself or as one of a tuple."""
    above = context.parent(node)
    while isinstance(above, cst.Element | cst.Tuple | cst.List):
        above = context.parent(above)
    return isinstance(above, cst.AssignTarget)


def setdefault_of(node: cst.BaseExpression, context: Context) -> tuple[cst.BaseExpression, cst.Arg] | None:
    """The dict and the key in `table.setdefault(key, [])`; None for anything else."""
    if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute) or len(node.args) != 2:
        return None
    key, value = node.args
    plain = not (key.star or key.keyword or value.star or value.keyword)
    if node.func.attr.value != "setdefault" or not plain or started(value.value, context) != LIST:
        return None
    return node.func.value, key


def is_list(node: cst.BaseExpression, context: Context, assumed: frozenset[Definition] = frozenset()) -> bool:
    """Whether an expression is a list, or a part of one, by how it is written or its name was bound.

    The definitions that are `assumed` to give lists are those that this is asked for.
    """
    if isinstance(node, cst.Subscript) and len(node.slice) == 1 and isinstance(node.slice[0].slice, cst.Slice):
        node = node.value
    if isinstance(node, cst.Name):
        own = context.scopes.owner(node) is context.flow.scope
        return own and not context.names.is_shared(node) and are_lists(context.flow.reaching(node), context, assumed)
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add):
        # Of anything else, `+` may be a method of its own.
        return is_list(node.left, context, assumed) and is_list(node.right, context, assumed)
    if isinstance(node, cst.Call):
        return context.names.dotted(node.func) in ("builtins.list", "builtins.sorted")
    return isinstance(node, cst.List | cst.ListComp)


def are_lists(
    definitions: Collection[Definition], context: Context, assumed: frozenset[Definition] = frozenset()
) -> bool:
    """Whether all definitions of a name bind it to a list."""
    assumed_then = assumed | frozenset(definitions)
    values = [value_of(each) if each.kind == "assign" else None for each in definitions if each not in assumed]
    return bool(definitions) and all(value is not None and is_list(value, context, assumed_then) for value in values)


def names_needed(
    node: cst.BaseExpression, given: Mapping[str, frozenset[Definition]], context: Context
) -> frozenset[str]:
    """The names that must hold lists for an expression to be one, of those whose definitions are `given`.

    There are none when it is a list anyhow, or would be no list all the same.
    """
    every = frozenset().union(*given.values())
    if not is_list(node, context, every):
        return frozenset()
    return frozenset(name for name, own in given.items() if not is_list(node, context, every - own))
