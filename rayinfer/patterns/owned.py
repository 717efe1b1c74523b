"""Containers that a block makes and changes: whether anything else may hold one while it does."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from rayinfer.facts.flow import Definition
from rayinfer.facts.hooks import GROWING, LOOKING
from rayinfer.facts.walk import statement_of, walk
from rayinfer.patterns.context import Context

# Methods that change what has them, of the containers of Python, deques too; none that is there to take something out.
CHANGING = GROWING | {"appendleft"}
# Methods that only look at what has them, and go on looking.
_VIEWS = frozenset({"items", "keys", "values"})
_NEW = frozenset(
    "builtins.dict builtins.list builtins.set collections.Counter collections.OrderedDict collections.defaultdict"
    " collections.deque numpy.arange numpy.empty numpy.full numpy.ones numpy.zeros".split()
)
# Expressions that make a value of their own.
_MADE = (
    cst.Integer,
    cst.Float,
    cst.SimpleString,
    cst.FormattedString,
    cst.List,
    cst.Dict,
    cst.Set,
    cst.ListComp,
    cst.DictComp,
    cst.SetComp,
)
# What gives a number.
_SCALARS = frozenset("builtins." + name for name in "float int len ord".split())
# Functions that look at a container and hold on to nothing of it.
_LOOKED_AT_BY = frozenset("builtins." + name for name in "len max min print sorted str sum".split()) | {
    "ray.get",
    "ray.wait",
}


def is_own(name: cst.Name, holder: cst.CSTNode, context: Context) -> bool:
    """Whether nothing else holds the object of a name that the loop changes: made in this block, and only looked at."""
    flow = context.flow
    if context.scopes.owner(name) is not flow.scope:
        return False
    if context.exported and not context.under_main_guard(name):
        return False
    bound = _bound_by(name, context)
    made = [each for each in bound if each.kind != "augmented"]
    if not made or any(each.kind != "assign" or not _is_new(value_of(each), context) for each in made):
        return False
    return all(_only_looks(use, holder, context) for each in bound for use in flow.uses(each))


def _bound_by(name: cst.Name, context: Context) -> set[Definition]:
    """The definitions that may have bound the object of a name; `+=` may leave the one that was there."""
    flow = context.flow
    found: set[Definition] = set()
    work = list(flow.reaching(name))
    while work:
        definition = work.pop()
        if definition not in found:
            found.add(definition)
            if definition.kind == "augmented" and definition.stmt is not None:
                work.extend(flow.reaching_before(definition.stmt, definition.name))
    return found


def value_of(definition: Definition) -> cst.BaseExpression | None:
    """The expression that an assignment gives to a name, by itself or as one of a tuple."""
    if not isinstance(definition.stmt, cst.Assign | cst.AnnAssign):
        return None
    value = definition.stmt.value
    if isinstance(definition.stmt, cst.Assign) and len(definition.stmt.targets) > 1:
        return None
    target = definition.stmt.targets[0].target if isinstance(definition.stmt, cst.Assign) else definition.stmt.target
    if isinstance(target, cst.Tuple) and isinstance(value, cst.Tuple) and len(target.elements) == len(value.elements):
        pairs = zip(target.elements, value.elements, strict=True)
        return next((given.value for part, given in pairs if part.value is definition.node), None)
    return value if target is definition.node else None


def is_scalar(name: cst.Name, context: Context) -> bool:
    """Whether what the loop adds to a name began as a number or a text: all that may reach it there, by its literal."""
    made = [each for each in _bound_by(name, context) if each.kind != "augmented"]
    return all(isinstance(value_of(each), cst.BaseNumber | cst.BaseString) for each in made)


def is_count(small: cst.AugAssign, context: Context) -> bool:
    """Whether an augmented assignment gives a name another number, and changes no object.

    Unlike `is_scalar`, it asks this of every definition of the name: it is told of any statement, not only of a loop's.
    """
    if not isinstance(small.target, cst.Name) or not gives_scalar(small.value, context):
        return False
    given = list(context.flow.definitions(context.scopes.spelling(small.target)))
    values = [each.stmt.value if isinstance(each.stmt, cst.AugAssign) else value_of(each) for each in given]
    return bool(values) and all(value is not None and gives_scalar(value, context) for value in values)


def gives_scalar(value: cst.BaseExpression, context: Context) -> bool:
    """Whether an expression gives a number or a text of Python's own."""
    if isinstance(value, cst.Call):
        return context.names.dotted(value.func) in _SCALARS
    if isinstance(value, cst.UnaryOperation):
        return gives_scalar(value.expression, context)
    return isinstance(value, cst.Integer | cst.Float | cst.SimpleString | cst.FormattedString)


def _is_array(value: cst.BaseExpression | None, context: Context) -> bool:
    """Whether an expression may make an array of numpy, whose parts are views of it."""
    calls = [part for part in walk(value) if isinstance(part, cst.Call)] if value is not None else []
    return any((context.names.dotted(call.func) or "").startswith("numpy.") for call in calls)


def _is_new(value: cst.BaseExpression | None, context: Context) -> bool:
    if isinstance(value, cst.Call):
        return context.names.dotted(value.func) in _NEW
    if isinstance(value, cst.BinaryOperation):
        return _is_new(value.left, context) and (
            isinstance(value.operator, cst.Multiply) or _is_new(value.right, context)
        )
    return isinstance(value, _MADE)


def _only_looks(use: cst.Name, holder: cst.CSTNode, context: Context) -> bool:
    """Whether an occurrence of a name gives its object to nothing that holds on to it before the loop is over."""
    parent = context.parent(use)
    if context.flow.definition_at(use) is not None or (isinstance(parent, cst.AugAssign) and parent.target is use):
        return True
    if isinstance(parent, cst.Attribute):
        outer = context.parent(parent)
        if isinstance(outer, cst.Call) and outer.func is parent and parent.attr.value in (CHANGING | LOOKING) - _VIEWS:
            return True
    if isinstance(parent, cst.Subscript) and parent.value is use:
        stored = isinstance(context.parent(parent), cst.AssignTarget)
        if stored or not any(_is_array(value_of(each), context) for each in context.flow.definitions(use.value)):
            return True
    call = context.parent(parent) if isinstance(parent, cst.Arg) else None
    if isinstance(call, cst.Call) and context.names.dotted(call.func) in _LOOKED_AT_BY:
        return True
    if isinstance(parent, cst.FormattedStringExpression | cst.Comparison | cst.BinaryOperation):
        return True
    start, _ = context.source.offsets(use)
    _, end = context.source.offsets(holder)
    if start < end or is_nested(use, context):
        return False
    # What follows the loop sees its object when the loop is over, unless the same one comes round again.
    around = [loop for loop in _loops_around(holder, context) if _contains(loop, start, context)]
    return all(is_made_anew(loop, use.value, holder, context) for loop in around)


def is_made_anew(loop: cst.CSTNode, name: str, holder: cst.CSTNode, context: Context) -> bool:
    """Whether each round of an outer loop makes the object of a name anew, before it comes to the inner one."""
    statement = statement_of(holder, context.parents)
    if statement is None:
        return False
    before = context.flow.reaching_before(statement, name)
    start, _ = context.source.offsets(statement)
    for definition in before:
        at = context.source.offsets(definition.node)[0] if definition.stmt is not None else -1
        if at >= start or not _contains(loop, at, context):
            return False
    return bool(before)


def _contains(node: cst.CSTNode, offset: int, context: Context) -> bool:
    start, end = context.source.offsets(node)
    return start <= offset < end


def _loops_around(node: cst.CSTNode, context: Context) -> Iterator[cst.CSTNode]:
    above = context.parent(node)
    while above is not None and not isinstance(above, cst.FunctionDef):
        if isinstance(above, cst.For | cst.While):
            yield above
        above = context.parent(above)


def is_nested(use: cst.Name, context: Context) -> bool:
    """Whether a name stands in a function, class or lambda inside the block: it is seen at another time."""
    above: cst.CSTNode | None = use
    while above is not None and above is not context.flow.block:
        if isinstance(above, cst.FunctionDef | cst.ClassDef | cst.Lambda):
            return True
        above = context.parent(above)
    return False


def is_captured(name: cst.Name, context: Context) -> bool:
    """Whether a name is also seen by code that runs at another time: a nested function, lambda or generator."""
    scopes = context.scopes
    scope, own = scopes.owner(name), context.flow.scope
    if scope is None:
        return True
    for each in scopes.occurrences(scope, scopes.spelling(name)):
        # Not what a generator iterates over first, which is taken where it is made.
        place = scopes.place(each)
        while place is not own:
            at_once = not isinstance(place.node, cst.GeneratorExp) or context.consumer_of(place.node)
            if place.kind != "comprehension" or place.parent is None or not at_once:
                return True
            place = place.parent
    return False
