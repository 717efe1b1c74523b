"""Dicts that grow as they are read, and whether anything but the code that makes them can tell."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst

from rayinfer.facts.effects import is_pure_function
from rayinfer.facts.names import Names

_READING = frozenset({"clear", "get", "pop", "setdefault", "update"})
# Methods that give what goes on looking at the dict: taken apart on the spot, or not at all.
_VIEWS = frozenset({"items", "keys", "values"})
_TAKERS = frozenset("builtins." + name for name in "dict len list max min print set sorted str sum tuple".split())


def is_private(call: cst.Call, parents: Mapping[int, cst.CSTNode], names: Names) -> bool:
    """Whether what a call of `defaultdict` gives stays in one name of a function or module that only looks things up.

    Then no task is ever given it, and none is seen to have more items than when it was submitted.
    """
    assign = parents.get(id(call))
    if isinstance(assign, cst.Assign) and len(assign.targets) == 1:
        target = assign.targets[0].target
    elif isinstance(assign, cst.AnnAssign):
        target = assign.target
    else:
        return False
    if not isinstance(target, cst.Name) or not all(_is_harmless(arg, names) for arg in call.args):
        return False
    scope = names.scopes.owner(target)
    if scope is None or scope.kind == "class" or names.is_shared(target):
        return False
    if names.scopes.uses_dynamic_names or scope in names.scopes.read_whole:
        return False
    occurrences = names.scopes.occurrences(scope, names.scopes.spelling(target))
    bound = (None, "augmented")
    return all(names.scopes.kind_of(one) not in bound or _is_looked_up(one, parents, names) for one in occurrences)


def _is_harmless(factory: cst.Arg, names: Names) -> bool:
    """Whether what makes a missing item has no effect."""
    made = factory.value
    if factory.keyword is not None or factory.star:
        return False
    if isinstance(made, cst.Lambda):
        made = made.body
        if isinstance(made, cst.List | cst.Dict | cst.Tuple):
            return not made.elements
        return isinstance(made, cst.BaseNumber | cst.SimpleString)
    return is_pure_function(made, names)


def _is_looked_up(use: cst.Name, parents: Mapping[int, cst.CSTNode], names: Names) -> bool:
    """Whether a read of a dict's name gives the dict to nothing that holds on to it."""
    above = parents.get(id(use))
    if isinstance(above, cst.Subscript):
        return above.value is use
    if isinstance(above, cst.Attribute):
        call = parents.get(id(above))
        if not isinstance(call, cst.Call) or call.func is not above:
            return False
        return above.attr.value in _READING or (above.attr.value in _VIEWS and _is_taken(call, parents, names))
    if isinstance(above, cst.ComparisonTarget):
        return isinstance(above.operator, cst.In | cst.NotIn)
    return isinstance(above, cst.FormattedStringExpression) or _is_taken(use, parents, names)


def _is_taken(node: cst.BaseExpression, parents: Mapping[int, cst.CSTNode], names: Names) -> bool:
    """Whether an expression is iterated over by the loop, or taken by the builtin, that it stands in."""
    above = parents.get(id(node))
    if isinstance(above, cst.For | cst.CompFor):
        return above.iter is node
    call = parents.get(id(above)) if isinstance(above, cst.Arg) and not above.star else None
    return isinstance(call, cst.Call) and names.dotted(call.func) in _TAKERS
