"""Python's name scopes over a LibCST tree: which scope binds each occurrence of a name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import libcst as cst

from rayinfer.facts.syntax import (
    COMPREHENSIONS,
    CONSTANTS,
    IMPORTS,
    TARGET_PARTS,
    children,
    clauses,
    elements,
    import_aliases,
    imported,
    parameters,
)

_DYNAMIC = frozenset({"exec", "eval", "globals", "locals", "vars", "__builtins__", "__import__", "__main__"})
_DYNAMIC_ATTRIBUTES = frozenset({"f_globals", "f_locals", "__globals__", "__builtins__", "_getframe", "currentframe"})


class Scope:
    """One name scope: `kind` is module, function, class, lambda, comprehension or type_params (PEP 695)."""

    __slots__ = tuple("bound children globals_ kind node nonlocals occurrences parent private stores".split())

    def __init__(self, kind: str, node: cst.CSTNode, parent: Scope | None, private: str | None) -> None:
        self.kind = kind
        self.node = node
        self.parent = parent
        self.private = private
        self.bound: frozenset[str] = frozenset()
        self.globals_: set[str] = set()
        self.nonlocals: set[str] = set()
        self.children: list[Scope] = []
        self.occurrences: dict[str, list[cst.Name]] = {}
        self.stores: dict[str, list[cst.Name]] = {}
        if parent is not None:
            parent.children.append(self)

    def spelling(self, name: str) -> str:
        """The name as the compiler sees it here: `__x` in a class `C` is `_C__x`."""
        if self.private and name.startswith("__") and not name.endswith("__"):
            return f"_{self.private}{name}"
        return name


class Scopes:
    """The scopes of one module. Names are spelled as the compiler sees them (`__x` in a class is mangled)."""

    def __init__(self, module: cst.Module) -> None:
        self.module = Scope("module", module, None, None)
        self.has_star_import = False
        self.uses_dynamic_names = False
        # The functions that read all of their own names, and no others, by `locals()`.
        self.read_whole: set[Scope] = set()
        # Module names that a class body may read although it binds them itself (`x = x`).
        self.class_fallbacks: set[str] = set()
        self._opened: dict[cst.CSTNode, Scope] = {module: self.module}
        self._kinds: dict[cst.Name, str] = {}
        self._places: dict[cst.Name, tuple[Scope, str]] = {}
        self._owners: dict[cst.Name, Scope] = {}
        self._order: dict[cst.Name, int] = {}

    def scope_of(self, node: cst.CSTNode) -> Scope:
        """The scope that a module, function, class, lambda or comprehension opens."""
        return self._opened[node]

    def owner(self, name: cst.Name) -> Scope | None:
        """The scope that binds this occurrence; None for a builtin, an unknown or an attribute name."""
        return self._owners.get(name)

    def place(self, name: cst.Name) -> Scope:
        """The scope whose code holds this occurrence."""
        return self._places[name][0]

    def spelling(self, name: cst.Name) -> str:
        """The occurrence's name as the compiler sees it."""
        return self._places[name][1]

    def occurrences(self, scope: Scope, name: str) -> list[cst.Name]:
        """Every occurrence in the module that resolves to (or, from a class body, may read) it, in source order.

        Names listed by `global` and `nonlocal` statements are not occurrences.
        """
        return scope.occurrences.get(name, [])

    def stores(self, scope: Scope, name: str) -> list[cst.Name]:
        """Those of its occurrences that bind it, in source order."""
        if name not in scope.stores:
            scope.stores[name] = [each for each in self.occurrences(scope, name) if self.is_store(each)]
        return scope.stores[name]

    def names(self) -> Iterable[cst.Name]:
        """Every occurrence of a name in the module, in source order."""
        return self._order

    def is_store(self, name: cst.Name) -> bool:
        """Whether this occurrence binds: a target, import, definition, parameter, capture or `del`."""
        return name in self._kinds

    def kind_of(self, name: cst.Name) -> str | None:
        """How the occurrence binds (a `Definition.kind`, or "declare" for `x: int`); None for a load."""
        return self._kinds.get(name)

    def order(self, name: cst.Name) -> int:
        """The rank of this occurrence among all names of the module, in source order."""
        return self._order[name]


def resolve(module: cst.Module) -> Scopes:
    """Resolve every name of a module by the rules of the language reference, "Naming and binding"."""
    scopes = Scopes(module)
    collector = _Collector(scopes)
    collector.run(module)
    _settle(scopes, collector)
    return scopes


_Item = tuple[Any, Scope, str]
_LOAD = ""


class _Collector:
    """Walks the tree in source order with its own stack, so that deep expressions cannot exhaust Python's."""

    def __init__(self, scopes: Scopes) -> None:
        self.scopes = scopes
        self.stored: dict[Scope, set[str]] = {scopes.module: set()}
        self.harmless: set[cst.Name] = set()

    def run(self, module: cst.Module) -> None:
        stack: list[_Item] = [(module, self.scopes.module, _LOAD)]
        while stack:
            node, scope, mode = stack.pop()
            if node is None:
                continue
            kind = type(node).__name__
            if kind == "Name":
                self.record(node, scope, mode)
                continue
            handler = _HANDLERS.get(kind)
            if handler is not None:
                stack.extend(reversed(list(handler(self, node, scope))))
            elif kind in TARGET_PARTS:
                stack.extend((child, scope, mode) for child in reversed(children(node)))
            else:
                stack.extend((child, scope, _LOAD) for child in reversed(children(node)))

    def record(self, node: cst.Name, scope: Scope, mode: str) -> None:
        if node.value in CONSTANTS:
            return
        if mode == "walrus":
            while scope.kind == "comprehension" and scope.parent is not None:
                scope = scope.parent
        name = scope.spelling(node.value)
        scopes = self.scopes
        scopes._order[node] = len(scopes._order)
        scopes._places[node] = (scope, name)
        if mode:
            scopes._kinds[node] = mode
            self.stored[scope].add(name)

    def open(self, kind: str, node: cst.CSTNode, parent: Scope, private: str | None = None) -> Scope:
        scope = Scope(kind, node, parent, private or parent.private)
        self.scopes._opened[node] = scope
        self.stored[scope] = set()
        return scope

    def assign(self, node: cst.Assign, scope: Scope) -> Iterable[_Item]:
        for target in node.targets:
            yield target.target, scope, "assign"
        yield node.value, scope, _LOAD

    def ann_assign(self, node: cst.AnnAssign, scope: Scope) -> Iterable[_Item]:
        yield node.target, scope, "declare" if node.value is None else "assign"
        yield node.annotation, scope, _LOAD
        yield node.value, scope, _LOAD

    def aug_assign(self, node: cst.AugAssign, scope: Scope) -> Iterable[_Item]:
        yield node.target, scope, "augmented"
        yield node.value, scope, _LOAD

    def named_expr(self, node: cst.NamedExpr, scope: Scope) -> Iterable[_Item]:
        yield node.target, scope, "walrus"
        yield node.value, scope, _LOAD

    def delete(self, node: cst.Del, scope: Scope) -> Iterable[_Item]:
        yield node.target, scope, "del"

    def for_(self, node: cst.For, scope: Scope) -> Iterable[_Item]:
        yield node.target, scope, "for"
        yield node.iter, scope, _LOAD
        yield node.body, scope, _LOAD
        yield node.orelse, scope, _LOAD

    def with_item(self, node: cst.WithItem, scope: Scope) -> Iterable[_Item]:
        yield node.item, scope, _LOAD
        if node.asname is not None:
            yield node.asname.name, scope, "with"

    def handler(self, node: cst.ExceptHandler | cst.ExceptStarHandler, scope: Scope) -> Iterable[_Item]:
        yield node.type, scope, _LOAD
        if node.name is not None:
            yield node.name.name, scope, "except"
        yield node.body, scope, _LOAD

    def import_(self, node: cst.CSTNode, scope: Scope) -> Iterable[_Item]:
        if isinstance(getattr(node, "names", None), cst.ImportStar):
            self.scopes.has_star_import = True
        for alias in import_aliases(node):
            if alias.evaluated_name == "__main__":
                self.scopes.uses_dynamic_names = True
            yield imported(alias), scope, "import"

    def match_as(self, node: cst.MatchAs, scope: Scope) -> Iterable[_Item]:
        yield node.pattern, scope, _LOAD
        yield node.name, scope, "match"

    def match_star(self, node: cst.MatchStar, scope: Scope) -> Iterable[_Item]:
        yield node.name, scope, "match"

    def match_mapping(self, node: cst.MatchMapping, scope: Scope) -> Iterable[_Item]:
        for element in node.elements:
            yield element, scope, _LOAD
        yield node.rest, scope, "match"

    def global_(self, node: cst.Global, scope: Scope) -> Iterable[_Item]:
        scope.globals_.update(scope.spelling(item.name.value) for item in node.names)
        return ()

    def nonlocal_(self, node: cst.Nonlocal, scope: Scope) -> Iterable[_Item]:
        scope.nonlocals.update(scope.spelling(item.name.value) for item in node.names)
        return ()

    def function(self, node: cst.FunctionDef, scope: Scope) -> Iterable[_Item]:
        for decorator in node.decorators:
            yield decorator, scope, _LOAD
        yield node.name, scope, "def"
        outer = scope if node.type_parameters is None else self.open("type_params", node.type_parameters, scope)
        yield node.type_parameters, outer, _LOAD
        inner = self.open("function", node, outer)
        yield from self.params(node.params, scope, outer, inner)
        yield node.returns, outer, _LOAD
        yield node.body, inner, _LOAD

    def lambda_(self, node: cst.Lambda, scope: Scope) -> Iterable[_Item]:
        inner = self.open("lambda", node, scope)
        yield from self.params(node.params, scope, scope, inner)
        yield node.body, inner, _LOAD

    def params(self, node: cst.Parameters, scope: Scope, typed: Scope, inner: Scope) -> Iterable[_Item]:
        for param in parameters(node):
            yield param.name, inner, "param"
            yield param.annotation, typed, _LOAD
            yield param.default, scope, _LOAD

    def class_(self, node: cst.ClassDef, scope: Scope) -> Iterable[_Item]:
        for decorator in node.decorators:
            yield decorator, scope, _LOAD
        yield node.name, scope, "class"
        private = node.name.value.lstrip("_")
        outer = scope
        if node.type_parameters is not None:
            outer = self.open("type_params", node.type_parameters, scope, private)
            yield node.type_parameters, outer, _LOAD
        for arg in (*node.bases, *node.keywords):
            yield arg, outer, _LOAD
        inner = self.open("class", node, outer)
        inner.private = private or None
        yield node.body, inner, _LOAD

    def comprehension(self, node: cst.CSTNode, scope: Scope) -> Iterable[_Item]:
        inner = self.open("comprehension", node, scope)
        for element in elements(node):
            yield element, inner, _LOAD
        iterated = scope
        for loop in clauses(node):
            yield loop.target, inner, "for"
            yield loop.iter, iterated, _LOAD
            for condition in loop.ifs:
                yield condition.test, inner, _LOAD
            iterated = inner

    def type_alias(self, node: cst.TypeAlias, scope: Scope) -> Iterable[_Item]:
        yield node.name, scope, "assign"
        inner = self.open("type_params", node, scope)
        yield node.type_parameters, inner, _LOAD
        yield node.value, inner, _LOAD

    def type_param(self, node: cst.TypeParam, scope: Scope) -> Iterable[_Item]:
        yield node.param.name, scope, "param"
        if isinstance(node.param, cst.TypeVar):
            yield node.param.bound, scope, _LOAD
        yield node.default, scope, _LOAD

    def call(self, node: cst.Call, scope: Scope) -> Iterable[_Item]:
        if isinstance(node.func, cst.Name) and node.func.value == "vars" and node.args and not node.args[0].star:
            self.harmless.add(node.func)  # vars(object) reads no names
        elif isinstance(node.func, cst.Name) and node.func.value in ("locals", "vars") and scope.kind == "function":
            self.harmless.add(node.func)
            self.scopes.read_whole.add(scope)
        return [(node.func, scope, _LOAD), *((arg, scope, _LOAD) for arg in node.args)]

    def attribute(self, node: cst.Attribute, scope: Scope) -> Iterable[_Item]:
        attr = node.attr.value
        if attr in _DYNAMIC_ATTRIBUTES:
            self.scopes.uses_dynamic_names = True
        elif isinstance(node.value, cst.Name):
            owner = node.value.value
            if (owner == "builtins" and attr in _DYNAMIC) or (owner == "__main__"):
                self.scopes.uses_dynamic_names = True
        return [(node.value, scope, _LOAD)]

    def subscript(self, node: cst.Subscript, scope: Scope) -> Iterable[_Item]:
        if isinstance(node.value, cst.Attribute) and node.value.attr.value == "modules":
            self.scopes.uses_dynamic_names = True  # sys.modules[__name__] is this module's names as attributes
        return [(node.value, scope, _LOAD), *((part, scope, _LOAD) for part in node.slice)]


_HANDLERS: dict[str, Callable[[_Collector, Any, Scope], Iterable[_Item]]] = {
    "Assign": _Collector.assign,
    "AnnAssign": _Collector.ann_assign,
    "AugAssign": _Collector.aug_assign,
    "NamedExpr": _Collector.named_expr,
    "Del": _Collector.delete,
    "For": _Collector.for_,
    "WithItem": _Collector.with_item,
    "ExceptHandler": _Collector.handler,
    "ExceptStarHandler": _Collector.handler,
    "MatchAs": _Collector.match_as,
    "MatchStar": _Collector.match_star,
    "MatchMapping": _Collector.match_mapping,
    "Global": _Collector.global_,
    "Nonlocal": _Collector.nonlocal_,
    "FunctionDef": _Collector.function,
    "Lambda": _Collector.lambda_,
    "ClassDef": _Collector.class_,
    "TypeAlias": _Collector.type_alias,
    "TypeParam": _Collector.type_param,
    "Call": _Collector.call,
    "Attribute": _Collector.attribute,
    "Subscript": _Collector.subscript,
    **dict.fromkeys(COMPREHENSIONS, _Collector.comprehension),
    **dict.fromkeys(IMPORTS, _Collector.import_),
}


def _settle(scopes: Scopes, collector: _Collector) -> None:
    """Turn what was collected into bound names, owners and occurrences."""
    of_module = set(collector.stored[scopes.module])
    for scope, stored in collector.stored.items():
        scope.bound = frozenset(stored - scope.globals_ - scope.nonlocals)
        of_module |= stored & scope.globals_
    module = scopes.module
    module.bound = frozenset(of_module)
    known: dict[tuple[Scope, str], Scope | None] = {}
    for node, (scope, name) in scopes._places.items():
        key = (scope, name)
        if key not in known:
            known[key] = _lookup(scope, name, module)
        owner = known[key]
        if owner is None:
            if name in _DYNAMIC and node not in collector.harmless:
                scopes.uses_dynamic_names = True
            continue
        scopes._owners[node] = owner
        owner.occurrences.setdefault(name, []).append(node)
        # A class body looks a name up when it runs: one that it has not bound yet is the module's.
        if owner.kind == "class" and name in module.bound and node not in scopes._kinds:
            scopes.class_fallbacks.add(name)
            module.occurrences.setdefault(name, []).append(node)


def _lookup(scope: Scope, name: str, module: Scope) -> Scope | None:
    """The scope that binds `name` as it is used in `scope`."""
    at: Scope | None = scope
    sees_class = True
    while at is not None:
        if at.kind == "class" and at is not scope and name == "__class__":
            return None  # the implicit cell of the class
        if at.kind != "class" or sees_class:
            if name in at.globals_:
                return module if name in module.bound else None
            if name in at.bound:
                return at
        # A class is visible from its own body and from type parameters right inside it.
        sees_class = sees_class and at.kind == "type_params"
        at = at.parent
    return None
