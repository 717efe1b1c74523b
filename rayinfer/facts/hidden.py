"""Finds the hooks of a file: properties, special methods and generators whose effect is not known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import libcst as cst

from rayinfer.facts.effects import TEXT_METHODS, has_effect, is_pure_function
from rayinfer.facts.hooks import ITERATORS, LOOKING, PICKLING, SPECIAL, Hooks
from rayinfer.facts.names import Names
from rayinfer.facts.syntax import clauses, last_name, target_parts
from rayinfer.facts.tables import is_private
from rayinfer.facts.walk import walk

# Reading an attribute of these names runs no code of a class: a method, or a plain function.
_PLAIN_DECORATORS = frozenset(
    "staticmethod classmethod abstractmethod override overload method wraps getter setter deleter".split()
)
_READS = frozenset({"__getattr__", "__getattribute__", "__get__"})
_PROPERTIES = frozenset({"property", "cached_property"})
_SELF_MADE = frozenset({"__array_finalize__"})  # methods of an object that is being made
_TRUSTED = frozenset({"items", "keys", "values", "join", "format"}) | TEXT_METHODS
# Generators that nobody iterates over with a loop.
_NOT_ITERATED = frozenset({"contextmanager", "asynccontextmanager", "fixture", "remote"})
_CONSUMERS = frozenset(
    "builtins." + name for name in "sum any all min max sorted list tuple set frozenset dict len".split()
)
_LAZY_CALLS = frozenset({"builtins.map", "builtins.filter", "builtins.iter"})
# What tells how values of a class are pickled.
_SERIALIZERS = frozenset({"copyreg.pickle", "ray.util.register_serializer"})
# How the names of most classes of exceptions end.
_EXCEPTION = ("Error", "Exception", "Exit", "Fault", "Interrupt", "Warning")

_GROWS = cst.Del(cst.Name("item"))


class _Found:
    """A piece of code, and what it is hooked to: `attribute`, `read`, `method`, `iteration`, `called` or `pickling`.

    `fresh` is the name of an object that it makes or fills, and may change. `names` are those of another file that it
    stands in.
    """

    __slots__ = ("code", "fresh", "kind", "name", "names")

    def __init__(self, kind: str, name: str, code: Sequence[cst.CSTNode], fresh: str | None = None) -> None:
        self.kind, self.name, self.code, self.fresh = kind, name, code, fresh
        self.names: Names | None = None


def find_hooks(nodes: Iterable[cst.CSTNode], parents: Mapping[int, cst.CSTNode], names: Names) -> Hooks:
    """The hooks of a file, given all its nodes and what is above each, and of the classes that it takes from others.

    Whether one has an effect may rest on another that it uses: a fixpoint from none.
    """
    nodes = list(nodes)
    waiting = [*_candidates(nodes, parents, names), *_of_imports(nodes, names)]
    hooks = names.hooks
    while True:
        found = [one for one in waiting if _has_effect(one, names)]
        if not found:
            own = [one for one in waiting if one.names is None]
            names.silent = [("" if one.kind == "iteration" else one.name, code) for one in own for code in one.code]
            return hooks
        chosen = {id(one) for one in found}
        waiting = [one for one in waiting if id(one) not in chosen]
        methods = frozenset(one.name for one in found if one.kind == "method")
        hooks = Hooks(
            hooks.attributes | {one.name for one in found if one.kind == "attribute"},
            hooks.every_attribute or any(one.kind == "read" for one in found),
            hooks.methods | methods,
            hooks.iteration or bool(methods & ITERATORS) or any(one.kind == "iteration" for one in found),
            hooks.called | {one.name for one in found if one.kind == "called"},
            hooks.pickling or any(one.kind == "pickling" for one in found),
        )
        names.hooks = hooks
        for one in waiting:
            if one.names is not None:
                one.names.hooks = hooks


def _of_imports(nodes: Iterable[cst.CSTNode], names: Names) -> Iterator[_Found]:
    """The hooks of the classes of other files that this one calls or derives from, and of their bases."""
    named: set[str | None] = set()
    for node in nodes:
        if type(node) is cst.Call and isinstance(node, cst.Call):
            named.add(names.dotted(node.func))
        elif type(node) is cst.ClassDef and isinstance(node, cst.ClassDef):
            named.update(names.dotted(base.value) for base in node.bases)
    # Of Ray and of the builtins there is no file to be read.
    theirs = sorted(dotted for dotted in named if dotted and not dotted.startswith(("ray.", "builtins.")))
    work = [found for dotted in theirs if (found := names.imported_class(dotted)) is not None]
    seen: set[int] = set()
    while work:
        definition, place = work.pop()
        if id(definition) in seen:
            continue
        seen.add(id(definition))
        hooked = list(_of_values(definition, set()))
        for statement in walk(definition.body, lambda part: not isinstance(part, cst.FunctionDef | cst.ClassDef)):
            hooked += _of_class(statement, place)
        for one in hooked:
            one.names = place
            yield one
        bases = (place.class_definition(base.value) for base in definition.bases if base.keyword is None)
        work += [base for base in bases if base is not None]


def _candidates(nodes: Iterable[cst.CSTNode], parents: Mapping[int, cst.CSTNode], names: Names) -> Iterator[_Found]:
    consumed: set[int] = set()
    seen: set[int] = set()
    exceptions: set[str] = set()
    for node in nodes:
        kind = type(node)
        if kind is cst.ClassDef and isinstance(node, cst.ClassDef):
            for statement in walk(node.body, lambda part: not isinstance(part, cst.FunctionDef | cst.ClassDef)):
                yield from _of_class(statement, names)
            if "remote" not in map(_last_name, (decorator.decorator for decorator in node.decorators)):
                yield from _of_values(node, exceptions)
        elif kind is cst.AssignTarget and isinstance(node, cst.AssignTarget):
            if isinstance(node.target, cst.Attribute) and node.target.attr.value in LOOKING:
                assign = parents[id(node)]
                if isinstance(assign, cst.Assign) and isinstance(assign.value, cst.Lambda | cst.Name | cst.Attribute):
                    yield _Found("called", node.target.attr.value, [_GROWS])
            elif isinstance(node.target, cst.Attribute) and isinstance(assign := parents[id(node)], cst.Assign):
                yield from _given(node.target.attr, assign.value, names)
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
            if name in _SERIALIZERS:
                yield _Found("pickling", name, [_GROWS])
            if name == "builtins.setattr" and len(node.args) == 3:
                yield from _given(node.args[1].value, node.args[2].value, names)
            elif name == "builtins.type" and len(node.args) == 3:
                yield from _of_namespace(node.args[2].value, names)
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


def _of_class(statement: cst.CSTNode, names: Names) -> Iterator[_Found]:
    """The hooks that a statement of a class body makes."""
    if isinstance(statement, cst.FunctionDef):
        name = statement.name.value
        special = [one.decorator for one in statement.decorators if _last_name(one.decorator) not in _PLAIN_DECORATORS]
        own = [one for one in special if _is_own(one, names)]
        if name in _READS:
            yield _Found("read", name, [statement.body, *(_GROWS for _ in own)])
        elif name in SPECIAL:
            first = (*statement.params.posonly_params, *statement.params.params)[:1]
            fresh = first[0].name.value if first and name in _SELF_MADE else None
            yield _Found("method", name, [statement.body, *(_GROWS for _ in own)], fresh)
        elif special or name in _TRUSTED:
            making = [one for one in own if _makes_property(one, names)]
            yield _Found("attribute", name, [statement.body, *(_GROWS for _ in making)])
    elif isinstance(statement, cst.Assign):
        for target in statement.targets:
            if isinstance(target.target, cst.Name):
                yield from _given(target.target, statement.value, names)
    elif isinstance(statement, cst.AnnAssign) and isinstance(statement.target, cst.Name):
        if statement.value is not None:
            yield from _given(statement.target, statement.value, names)


def _given(key: cst.BaseExpression, value: cst.BaseExpression, names: Names) -> Iterator[_Found]:
    """The hook that a class gets as its attribute `key` becomes `value`, in its body or afterwards.

    `x = property(read)`: a descriptor's code is not seen.
    """
    makes_property = isinstance(value, cst.Call) and _last_name(value.func) in _PROPERTIES
    if isinstance(key, cst.Name):
        name = key.value
    elif isinstance(key, cst.SimpleString):
        name = str(key.evaluated_value)
    else:
        # `setattr(Config, key, value)` mostly stores a value.
        if makes_property:
            yield _Found("read", "", [_GROWS])
        return
    if makes_property:
        yield _Found("attribute", name, [value])
    elif name in SPECIAL | _READS:
        yield from (_Found("read" if name in _READS else "method", name, [code]) for code in _code_of(value, names))


def _code_of(value: cst.BaseExpression, names: Names) -> Iterator[cst.CSTNode]:
    """The code that runs when a value is called; none for one of an installed module, or that is not callable."""
    if isinstance(value, cst.Lambda):
        yield value.body
        return
    dotted = names.dotted(value.func if isinstance(value, cst.Call) else value)
    if (
        isinstance(value, cst.Call)
        and len(value.args) == 1
        and dotted in ("builtins.staticmethod", "builtins.classmethod")
    ):
        yield from _code_of(value.args[0].value, names)
    elif not isinstance(value, cst.Call) and (dotted is not None or isinstance(value, cst.BaseString | cst.BaseNumber)):
        return
    else:
        binder = names.only_binder(value) if isinstance(value, cst.Name) else None
        plain = isinstance(binder, cst.FunctionDef) and not binder.decorators
        yield binder.body if plain and isinstance(binder, cst.FunctionDef) else _GROWS


def _of_namespace(given: cst.BaseExpression, names: Names) -> Iterator[_Found]:
    """The hooks of a class that `type(name, bases, given)` makes."""
    if isinstance(given, cst.Dict) and all(isinstance(element, cst.DictElement) for element in given.elements):
        for element in given.elements:
            if isinstance(element, cst.DictElement):
                yield from _given(element.key, element.value, names)
        return
    yield _Found("read", "", [_GROWS])
    yield from (_Found("method", name, [_GROWS]) for name in sorted(SPECIAL))


def _is_own(decorator: cst.BaseExpression, names: Names) -> bool:
    """Whether a decorator is code of the program, or may be: not one of a module that it imports."""
    made_by = decorator.func if isinstance(decorator, cst.Call) else decorator
    return _last_name(made_by) not in _PROPERTIES and names.dotted(made_by) is None


def _makes_property(decorator: cst.BaseExpression, names: Names) -> bool:
    """Whether a decorator of the program may make a property of what it decorates; most make another method."""
    made_by = decorator.func if isinstance(decorator, cst.Call) else decorator
    binder = names.only_binder(made_by) if isinstance(made_by, cst.Name) else None
    if not isinstance(binder, cst.FunctionDef):
        return not isinstance(binder, cst.ClassDef)  # what a class has for `__get__` is a hook itself
    return any(isinstance(part, cst.Name) and part.value in _PROPERTIES for part in walk(binder.body))


def _of_values(node: cst.ClassDef, exceptions: set[str]) -> Iterator[_Found]:
    """The hooks of a class on what its objects are called for, or pickled; `exceptions` are those before it."""
    bases = [_last_name(arg.value) for arg in node.bases]
    raised = any(base.endswith(_EXCEPTION) or base in exceptions for base in bases)
    makes_classes = any(base == "type" or base.endswith("Meta") for base in bases)
    if raised:
        exceptions.add(node.name.value)
    for statement in walk(node.body, lambda part: not isinstance(part, cst.FunctionDef | cst.ClassDef)):
        if isinstance(statement, cst.AssignTarget | cst.AnnAssign) and isinstance(statement.target, cst.Name):
            if statement.target.value in LOOKING:
                yield _Found("called", statement.target.value, [_GROWS])
        if not isinstance(statement, cst.FunctionDef):
            continue
        name = statement.name.value
        if name in LOOKING:
            yield _Found("called", name, [statement.body])
        elif name in ("__reduce__", "__reduce_ex__") or (name == "__init__" and raised and len(bases) > 1):
            # Any function may make the value anew.
            yield _Found("pickling", name, [_GROWS])
        elif name in PICKLING or (name == "__init__" and (raised or makes_classes)):
            # An exception is made anew by its class, and a class by its own.
            first = (*statement.params.posonly_params, *statement.params.params)[:1]
            yield _Found("pickling", name, [statement.body], first[0].name.value if first else None)


def _has_effect(one: _Found, names: Names) -> bool:
    return any(_code_has_effect(code, one.names or names, one.fresh) for code in one.code)


def _code_has_effect(code: cst.CSTNode, names: Names, fresh: str | None) -> bool:
    """Whether running this code may wait, submit, change an object, or call something that is not known."""
    for node in walk(code, _is_run):
        if fresh is not None and isinstance(node, cst.Call) and _is_of_base(node, names):
            continue
        if has_effect(node, names) or _changes(node, fresh):
            return True
    return False


def _is_of_base(call: cst.Call, names: Names) -> bool:
    """Whether a call is `super()`, or one of the base's that makes a value: that is looked at where the base stands."""
    func = call.func
    if isinstance(func, cst.Attribute) and isinstance(func.value, cst.Call):
        if func.attr.value not in PICKLING | {"__init__"}:
            return False
        func = func.value.func
    return names.dotted(func) == "builtins.super"


def _changes(node: cst.CSTNode, fresh: str | None) -> bool:
    if isinstance(node, cst.AssignTarget | cst.AnnAssign | cst.For | cst.CompFor):
        return any(not isinstance(part, cst.Name) and not _is_of(part, fresh) for part in target_parts(node.target))
    return isinstance(node, cst.AugAssign | cst.Del | cst.Global | cst.Nonlocal)


def _is_of(part: cst.CSTNode, fresh: str | None) -> bool:
    """Whether a target is an attribute of the object that is being made."""
    return isinstance(part, cst.Attribute) and isinstance(part.value, cst.Name) and part.value.value == fresh


def _is_run(node: cst.CSTNode) -> bool:
    return not isinstance(node, cst.FunctionDef | cst.ClassDef | cst.Lambda)


def _repeated(node: cst.GeneratorExp) -> list[cst.CSTNode]:
    """What a generator expression runs each time that it is asked: all but its first iterable."""
    parts: list[cst.CSTNode] = [node.elt]
    for clause in clauses(node):
        parts.extend(condition.test for condition in clause.ifs)
        if clause is not node.for_in:
            parts.append(clause.iter)
    return parts


def _function_of(node: cst.CSTNode, parents: Mapping[int, cst.CSTNode]) -> cst.FunctionDef | None:
    """The function that a `yield` makes a generator; None in a lambda."""
    current: cst.CSTNode | None = node
    while current is not None and not isinstance(current, cst.FunctionDef | cst.Lambda):
        current = parents.get(id(current))
    return current if isinstance(current, cst.FunctionDef) else None


def _last_name(node: cst.BaseExpression) -> str:
    """`c` of `a.b.c` and of `a.b.c(...)`."""
    return last_name(node.func if isinstance(node, cst.Call) else node)
