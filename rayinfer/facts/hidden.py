"""Finds the hooks of a file: properties, special methods and generators whose effect is not known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import libcst as cst

from rayinfer.facts.effects import TEXT_METHODS, has_effect, is_pure_function
from rayinfer.facts.hooks import ITERATORS, SPECIAL, Hooks
from rayinfer.facts.names import Names
from rayinfer.facts.syntax import target_parts
from rayinfer.facts.tables import is_private
from rayinfer.facts.walk import walk

# Reading an attribute of these names runs no code of a class: a method, or a plain function.
_PLAIN_DECORATORS = frozenset(
    "staticmethod classmethod abstractmethod override overload method wraps setter deleter".split()
)
_READS = frozenset({"__getattr__", "__getattribute__", "__get__"})
_TRUSTED = frozenset({"items", "keys", "values", "join", "format"}) | TEXT_METHODS
# Generators that nobody iterates over with a loop.
_NOT_ITERATED = frozenset({"contextmanager", "asynccontextmanager", "fixture", "remote"})
_CONSUMERS = frozenset(
    "builtins." + name for name in "sum any all min max sorted list tuple set frozenset dict len".split()
)
_LAZY_CALLS = frozenset({"builtins.map", "builtins.filter", "builtins.iter"})


_GROWS = cst.Del(cst.Name("item"))


class _Found:
    """A piece of code, and what it is hooked to: `attribute`, `read`, `method` or `iteration`."""

    __slots__ = ("code", "kind", "name")

    def __init__(self, kind: str, name: str, code: Sequence[cst.CSTNode]) -> None:
        self.kind, self.name, self.code = kind, name, code


def find_hooks(nodes: Iterable[cst.CSTNode], parents: Mapping[int, cst.CSTNode], names: Names) -> Hooks:
    """The hooks of a file, given all its nodes and what is above each.

    Whether one has an effect may rest on another that it uses: a fixpoint from none.
    """
    waiting = list(_candidates(nodes, parents, names))
    hooks = names.hooks
    while True:
        found = [one for one in waiting if _has_effect(one, names)]
        if not found:
            names.silent = [("" if one.kind == "iteration" else one.name, code) for one in waiting for code in one.code]
            return hooks
        chosen = {id(one) for one in found}
        waiting = [one for one in waiting if id(one) not in chosen]
        methods = frozenset(one.name for one in found if one.kind == "method")
        hooks = Hooks(
            hooks.attributes | {one.name for one in found if one.kind == "attribute"},
            hooks.every_attribute or any(one.kind == "read" for one in found),
            hooks.methods | methods,
            hooks.iteration or bool(methods & ITERATORS) or any(one.kind == "iteration" for one in found),
        )
        names.hooks = hooks


def _candidates(nodes: Iterable[cst.CSTNode], parents: Mapping[int, cst.CSTNode], names: Names) -> Iterator[_Found]:
    consumed: set[int] = set()
    seen: set[int] = set()
    for node in nodes:
        kind = type(node)
        if kind is cst.ClassDef and isinstance(node, cst.ClassDef):
            for statement in walk(node.body, lambda part: not isinstance(part, cst.FunctionDef | cst.ClassDef)):
                yield from _of_class(statement)
        elif kind is cst.Yield:
            function = _function_of(node, parents)
            if function is None or id(function) in seen:
                continue
            seen.add(id(function))
            decorators = {_last_name(decorator.decorator) for decorator in function.decorators}
            if function.asynchronous is None and not decorators & _NOT_ITERATED:
                yield _Found("iteration", function.name.value, [function.body])
        elif kind is cst.GeneratorExp and isinstance(node, cst.GeneratorExp):
            if id(node) in consumed:
                continue
            yield _Found("iteration", "", _repeated(node))
        elif kind is cst.Call and isinstance(node, cst.Call):
            name = names.dotted(node.func)
            if name in _CONSUMERS or _last_name(node.func) == "join":
                # Such a generator is at its end when the call is.
                consumed.update(id(arg.value) for arg in node.args)
            if name in _LAZY_CALLS and (name != "builtins.iter" or len(node.args) > 1):
                yield from _called_later(node, names, _Found("iteration", "", []))
            elif name == "collections.defaultdict" and not is_private(node, parents, names):
                # Reading an item may add it, and an argument that members share is taken once.
                yield _Found("method", "__missing__", [_GROWS])


def _called_later(call: cst.Call, names: Names, found: _Found) -> Iterator[_Found]:
    """The function that a call is given to call later, unless it is one without an effect."""
    if call.args and isinstance(call.args[0].value, cst.Lambda):
        found.code = [call.args[0].value.body]
        yield found
    elif call.args and not is_pure_function(call.args[0].value, names):
        found.code = [call]
        yield found


def _of_class(statement: cst.CSTNode) -> Iterator[_Found]:
    """The hooks that a statement of a class body makes."""
    if isinstance(statement, cst.FunctionDef):
        name = statement.name.value
        decorators = [_last_name(decorator.decorator) for decorator in statement.decorators]
        special = [one for one in decorators if one not in _PLAIN_DECORATORS]
        if name in _READS:
            yield _Found("read", name, [statement.body])
        elif name in SPECIAL:
            yield _Found("method", name, [statement.body])
        elif special or name in _TRUSTED:
            yield _Found("attribute", name, [statement.body])
    elif isinstance(statement, cst.Assign) and isinstance(statement.value, cst.Call):
        # `x = property(read)`, `x = Field()`: a descriptor's code is not seen.
        for target in statement.targets:
            made_by = _last_name(statement.value.func)
            if isinstance(target.target, cst.Name) and made_by in ("property", "cached_property"):
                yield _Found("attribute", target.target.value, [statement.value])


def _has_effect(one: _Found, names: Names) -> bool:
    return any(_code_has_effect(code, names) for code in one.code)


def _code_has_effect(code: cst.CSTNode, names: Names) -> bool:
    """Whether running this code may wait, submit, change an object, or call something that is not known."""
    return any(has_effect(node, names) or _changes(node) for node in walk(code, _is_run))


def _changes(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.AssignTarget | cst.AnnAssign | cst.For | cst.CompFor):
        return any(not isinstance(part, cst.Name) for part in target_parts(node.target))
    return isinstance(node, cst.AugAssign | cst.Del | cst.Global | cst.Nonlocal)


def _is_run(node: cst.CSTNode) -> bool:
    return not isinstance(node, cst.FunctionDef | cst.ClassDef | cst.Lambda)


def _repeated(node: cst.GeneratorExp) -> list[cst.CSTNode]:
    """What a generator expression runs each time that it is asked: all but its first iterable."""
    parts: list[cst.CSTNode] = [node.elt]
    clause: cst.CompFor | None = node.for_in
    while clause is not None:
        parts.extend(condition.test for condition in clause.ifs)
        if clause is not node.for_in:
            parts.append(clause.iter)
        clause = clause.inner_for_in
    return parts


def _function_of(node: cst.CSTNode, parents: Mapping[int, cst.CSTNode]) -> cst.FunctionDef | None:
    """The function that a `yield` makes a generator; None in a lambda."""
    current: cst.CSTNode | None = node
    while current is not None and not isinstance(current, cst.FunctionDef | cst.Lambda):
        current = parents.get(id(current))
    return current if isinstance(current, cst.FunctionDef) else None


def _last_name(node: cst.BaseExpression) -> str:
    """`c` of `a.b.c` and of `a.b.c(...)`."""
    if isinstance(node, cst.Call):
        node = node.func
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""
