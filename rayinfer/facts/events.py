"""The reads and writes of names that code makes, in the order in which it makes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import libcst as cst

from rayinfer.facts.scopes import Scope, Scopes
from rayinfer.facts.syntax import (
    IMPORTS,
    TARGET_PARTS,
    children,
    clauses,
    elements,
    import_aliases,
    imported,
    parameters,
)


class Event(NamedTuple):
    """One read or write of a name of the block's own scope.

    `op` is "load", "store" or "clear" (a `del`, or the implicit one that ends `except ... as`); `star` stands for every
    name of the block (an `import *`). A `maybe` write may not happen although the statement completes.
    """

    op: str
    name: str
    node: cst.CSTNode
    maybe: bool


STAR = "*"
_Item = tuple[Any, str, bool]
_LOAD, _STORE, _DEL = "load", "store", "clear"


def events_of(nodes: Iterable[_Item], scope: Scope, scopes: Scopes) -> list[Event]:
    """The events of some code of the block that opens `scope`, each node given with "load", "store" or "clear".

    Code of other scopes is left out, except for list, set and dict comprehensions, which run on the spot. Annotations
    are left out, too: when they are evaluated depends on Python's version, so that they count as captures.
    """
    found: list[Event] = []
    stack: list[_Item] = list(nodes)
    stack.reverse()
    while stack:
        node, op, maybe = stack.pop()
        if node is None:
            continue
        kind = type(node).__name__
        if kind == "Name":
            if scopes.owner(node) is scope:
                found.append(Event(op, scopes.spelling(node), node, maybe))
            continue
        if kind in ("ListComp", "SetComp", "DictComp", "StarredDictComp"):
            stack.append((_Body(node), _LOAD, maybe))
            stack.append((clauses(node)[0].iter, _LOAD, maybe))
        elif kind == "_Body":
            stack.append((_Repeated(len(found)), _LOAD, True))
            stack.extend(reversed(list(_comprehension_body(node.node))))
        elif kind == "_Repeated":
            if any(event.op != _LOAD for event in found[node.start :]):
                found.extend(found[node.start :])  # a second round sees what the first one wrote
        elif kind in _HANDLERS:
            stack.extend(reversed(list(_HANDLERS[kind](node, maybe))))
        elif kind == "ImportStar":
            found.append(Event(_STORE, STAR, node, True))
        else:
            part_op = op if kind in TARGET_PARTS else _LOAD
            stack.extend((child, part_op, maybe) for child in reversed(children(node)))
    return found


class _Body(NamedTuple):
    """The part of a comprehension that runs once for each item."""

    node: cst.CSTNode


class _Repeated(NamedTuple):
    """The end of such a part, whose events begin at `start`."""

    start: int


def _comprehension_body(node: cst.CSTNode) -> Iterable[_Item]:
    for number, loop in enumerate(clauses(node)):
        if number:
            yield loop.iter, _LOAD, True
        yield loop.target, _STORE, True
        for condition in loop.ifs:
            yield condition.test, _LOAD, True
    for element in elements(node):
        yield element, _LOAD, True


def _assign(node: cst.Assign, maybe: bool) -> Iterable[_Item]:
    yield node.value, _LOAD, maybe
    for target in node.targets:
        yield target.target, _STORE, maybe


def _ann_assign(node: cst.AnnAssign, maybe: bool) -> Iterable[_Item]:
    yield node.value, _LOAD, maybe
    if node.value is not None:
        yield node.target, _STORE, maybe
    elif not isinstance(node.target, cst.Name):
        yield node.target, _LOAD, maybe


def _aug_assign(node: cst.AugAssign, maybe: bool) -> Iterable[_Item]:
    yield node.target, _LOAD, maybe
    yield node.value, _LOAD, maybe
    if isinstance(node.target, cst.Name):
        yield node.target, _STORE, maybe


def _named_expr(node: cst.NamedExpr, maybe: bool) -> Iterable[_Item]:
    yield node.value, _LOAD, maybe
    yield node.target, _STORE, maybe


def _del(node: cst.Del, maybe: bool) -> Iterable[_Item]:
    yield node.target, _DEL, maybe


def _import(node: cst.CSTNode, maybe: bool) -> Iterable[_Item]:
    names = getattr(node, "names", None)
    if isinstance(names, cst.ImportStar):
        yield names, _STORE, True
    for alias in import_aliases(node):
        yield imported(alias), _STORE, maybe


def _boolean(node: cst.BooleanOperation, maybe: bool) -> Iterable[_Item]:
    yield node.left, _LOAD, maybe
    yield node.right, _LOAD, True


def _comparison(node: cst.Comparison, maybe: bool) -> Iterable[_Item]:
    yield node.left, _LOAD, maybe
    for number, part in enumerate(node.comparisons):
        yield part.comparator, _LOAD, maybe or number > 0


def _if_exp(node: cst.IfExp, maybe: bool) -> Iterable[_Item]:
    yield node.test, _LOAD, maybe
    yield node.body, _LOAD, True
    yield node.orelse, _LOAD, True


def _assert(node: cst.Assert, maybe: bool) -> Iterable[_Item]:
    yield node.test, _LOAD, True  # not run at all under python -O
    yield node.msg, _LOAD, True


def _function(node: cst.FunctionDef, maybe: bool) -> Iterable[_Item]:
    for decorator in node.decorators:
        yield decorator, _LOAD, maybe
    for param in parameters(node.params):
        yield param.default, _LOAD, maybe
    yield node.name, _STORE, maybe


def _lambda(node: cst.Lambda, maybe: bool) -> Iterable[_Item]:
    for param in parameters(node.params):
        yield param.default, _LOAD, maybe


def _class(node: cst.ClassDef, maybe: bool) -> Iterable[_Item]:
    for decorator in node.decorators:
        yield decorator, _LOAD, maybe
    if node.type_parameters is None:
        for arg in (*node.bases, *node.keywords):
            yield arg, _LOAD, maybe
    yield node.name, _STORE, maybe


def _generator(node: cst.GeneratorExp, maybe: bool) -> Iterable[_Item]:
    yield node.for_in.iter, _LOAD, maybe


def _type_alias(node: cst.TypeAlias, maybe: bool) -> Iterable[_Item]:
    yield node.name, _STORE, maybe


def _match_as(node: cst.MatchAs, maybe: bool) -> Iterable[_Item]:
    yield node.pattern, _LOAD, maybe
    yield node.name, _STORE, True


def _match_star(node: cst.MatchStar, maybe: bool) -> Iterable[_Item]:
    yield node.name, _STORE, True


def _match_mapping(node: cst.MatchMapping, maybe: bool) -> Iterable[_Item]:
    for element in node.elements:
        yield element, _LOAD, maybe
    yield node.rest, _STORE, True


_HANDLERS: dict[str, Callable[[Any, bool], Iterable[_Item]]] = {
    "Assign": _assign,
    "AnnAssign": _ann_assign,
    "AugAssign": _aug_assign,
    "NamedExpr": _named_expr,
    "Del": _del,
    "BooleanOperation": _boolean,
    "Comparison": _comparison,
    "IfExp": _if_exp,
    "Assert": _assert,
    "FunctionDef": _function,
    "Lambda": _lambda,
    "ClassDef": _class,
    "GeneratorExp": _generator,
    "TypeAlias": _type_alias,
    "MatchAs": _match_as,
    "MatchStar": _match_star,
    "MatchMapping": _match_mapping,
    **dict.fromkeys(IMPORTS, _import),
}
