"""Which functions and classes of a file only compute: a call cannot wait, submit, see a ref or change an object."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from rayinfer.facts.effects import has_effect
from rayinfer.facts.hooks import GROWING, LOOKING, NO_HOOKS, Hooks
from rayinfer.facts.names import Names
from rayinfer.facts.syntax import target_parts
from rayinfer.facts.walk import walk

# Statements and expressions that do more than compute, or run code that is not in the text.
_ACTING = (
    cst.Global, cst.Nonlocal, cst.Yield, cst.Await, cst.With, cst.ClassDef, cst.Import, cst.ImportFrom, cst.Del,
    cst.Match, cst.NamedExpr, cst.TryStar, cst.Lambda, cst.FunctionDef,
)  # fmt: skip
# Methods that change only the list, dict or set that has them. What one drops runs no code: that of files whose classes
# hook in any is not looked through.
_CHANGING = GROWING | {"discard"}
_LITERALS = (cst.BaseNumber, cst.SimpleString, cst.ConcatenatedString)
_CONTAINERS = (cst.List, cst.Dict, cst.Set, cst.ListComp, cst.DictComp, cst.SetComp)
# Methods that run as an object is made, besides its `__init__`.
_MAKING = frozenset("__new__ __post_init__ __setattr__ __init_subclass__ __class_getitem__ __getattribute__".split())
_PLAIN_DECORATORS = frozenset({"property", "staticmethod", "classmethod"})
_MAKE_CONTAINERS = frozenset(f"builtins.{name}" for name in ("list", "dict", "set", "sorted"))


def looks(call: cst.Call, names: Names) -> bool:
    """Whether a call is of a method that only looks at a container, a text or an array, as far as its name tells."""
    if not isinstance(call.func, cst.Attribute) or call.func.attr.value not in LOOKING:
        return False
    method, dotted = call.func.attr.value, names.dotted(call.func)
    if method in names.hooks.called or (dotted is not None and not dotted.startswith(("builtins.", "numpy."))):
        return False
    # A queue's `get()` takes an item out of it, and a thread's `join` waits for it.
    return bool(call.args) or method not in ("get", "join")


class QuietFunctions:
    """Decides for the functions of one file, each once, when they are asked for: after its hooks are found."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._known: dict[int, bool] = {}
        self._plain: dict[int, bool] = {}

    def __call__(self, func: cst.BaseExpression) -> bool:
        """Whether an expression names one function or class of the file for good, and calling it only computes."""
        binder = self.names.only_binder(func) if isinstance(func, cst.Name) else None
        if isinstance(binder, cst.Assign) and len(binder.targets) == 1:
            binder = binder.value
        if not isinstance(binder, cst.FunctionDef | cst.ClassDef | cst.Lambda):
            return False
        if id(binder) not in self._known:
            self._known[id(binder)] = False  # one that calls itself is not looked through
            hooks = self.names.hooks
            # What a class of the file runs for an operator, a loop or a test is not followed into a function.
            plain = hooks is NO_HOOKS or hooks == Hooks(called=hooks.called, pickling=hooks.pickling)
            if plain and not self.names.scopes.has_star_import:
                self._known[id(binder)] = (
                    self._only_holds(binder) if isinstance(binder, cst.ClassDef) else self._computes(binder)
                )
        return self._known[id(binder)]

    def _computes(self, function: cst.FunctionDef | cst.Lambda, fills: str | None = None) -> bool:
        """Whether running a function only computes, or fills the new object that is its parameter `fills`."""
        if isinstance(function, cst.FunctionDef) and (function.decorators or function.asynchronous is not None):
            return False
        body = _Body(function, self.names, fills)
        return all(self._is_harmless(part, body) for part in body.parts)

    def _only_holds(self, node: cst.ClassDef) -> bool:
        """Whether making an object of a class only fills its attributes: a plain class, or a dataclass."""
        as_data = [self.names.dotted(_called(decorator.decorator)) for decorator in node.decorators]
        bases = [self.names.dotted(base.value) for base in node.bases]
        if as_data not in ([], ["dataclasses.dataclass"]) or node.keywords or bases not in ([], ["builtins.object"]):
            return False
        for statement in node.body.body:
            if isinstance(statement, cst.FunctionDef):
                name = statement.name.value
                if name in _MAKING or any(map(_sets, statement.decorators)):
                    return False
                params = (*statement.params.posonly_params, *statement.params.params)
                if name == "__init__" and not (params and self._computes(statement, params[0].name.value)):
                    return False
            elif not isinstance(statement, cst.SimpleStatementLine) or not all(map(self._declares, statement.body)):
                return False
        return True

    def _declares(self, part: cst.BaseSmallStatement) -> bool:
        """Whether a line of a class body is a docstring, a constant, or the field of a dataclass."""
        if isinstance(part, cst.Expr | cst.Pass):
            return isinstance(part, cst.Pass) or isinstance(part.value, cst.BaseString)
        if isinstance(part, cst.Assign):
            return all(isinstance(target.target, cst.Name) for target in part.targets) and self._holds_plain(part.value)
        if not isinstance(part, cst.AnnAssign) or not isinstance(part.target, cst.Name):
            return False
        value = part.value
        if isinstance(value, cst.Call) and self.names.dotted(value.func) == "dataclasses.field":
            given = {arg.keyword.value: arg.value for arg in value.args if arg.keyword is not None}
            made_by = given.get("default_factory")
            return made_by is None or self.names.dotted(made_by) in _MAKE_CONTAINERS
        return value is None or self._holds_plain(value)

    def _is_harmless(self, part: cst.CSTNode, body: _Body) -> bool:
        if isinstance(part, _ACTING):
            return False
        if isinstance(part, cst.Call):
            return body.grows_own(part) or _is_look(part, self.names) or not has_effect(part, self.names)
        if isinstance(part, cst.AugAssign):
            return isinstance(part.target, cst.Name) and part.target.value in body.counts | body.fresh
        if isinstance(part, cst.AssignTarget | cst.AnnAssign | cst.For | cst.CompFor):
            if isinstance(part, cst.For | cst.CompFor) and part.asynchronous is not None:
                return False
            return all(body.is_own_target(target) for target in target_parts(part.target))
        if isinstance(part, cst.Name) and id(part) not in body.labels and not body.is_own(part):
            return self._is_plain(part)
        return True

    def _is_plain(self, name: cst.Name) -> bool:
        """Whether what a function reads from outside is surely no group of refs: that is known by its symbols only."""
        scopes = self.names.scopes
        if scopes.owner(name) is None:
            return True  # a builtin
        if scopes.owner(name) is not scopes.module:
            return False
        binder = self.names.only_binder(name)
        if isinstance(binder, cst.FunctionDef | cst.ClassDef):
            return True
        if not isinstance(binder, cst.Assign):
            return self.names.dotted(name) is not None
        if id(binder) not in self._plain:
            self._plain[id(binder)] = False
            self._plain[id(binder)] = self._holds_plain(binder.value)
        return self._plain[id(binder)]

    def _holds_plain(self, value: cst.BaseExpression) -> bool:
        """Whether an expression gives no ref and no list that may take in refs later."""
        if isinstance(value, cst.UnaryOperation):
            return self._holds_plain(value.expression)
        if isinstance(value, cst.Tuple | cst.List | cst.Set):
            empty = not value.elements and not isinstance(value, cst.Tuple)
            return not empty and all(self._holds_plain(element.value) for element in value.elements)
        if isinstance(value, cst.Dict):
            parts = [e for e in value.elements if isinstance(e, cst.DictElement)]
            plain = all(self._holds_plain(part.key) and self._holds_plain(part.value) for part in parts)
            return bool(parts) and len(parts) == len(value.elements) and plain
        if isinstance(value, cst.BinaryOperation):
            # `[None] * n` is a list that a loop fills.
            numbers = isinstance(value.left, cst.Name | cst.BaseNumber) and isinstance(
                value.right, cst.Name | cst.BaseNumber
            )
            return numbers and self._holds_plain(value.left) and self._holds_plain(value.right)
        if isinstance(value, cst.Name):
            return self._is_plain(value)
        return isinstance(value, _LITERALS)


class _Body:
    """One function's own code, and which names in it are its own.

    `fresh` are containers that it makes itself, and `counts` numbers and texts, on every path; `labels` are the names
    of attributes and keywords.
    """

    def __init__(self, function: cst.FunctionDef | cst.Lambda, names: Names, fills: str | None = None) -> None:
        self.names, self.fills = names, fills
        self.parts = list(walk(function.body))
        opening = [function, *(part for part in self.parts if isinstance(part, cst.BaseComp))]
        self.scopes = {id(names.scopes.scope_of(node)) for node in opening}
        self.labels = {id(label) for part in self.parts for label in _labels(part)}
        bound: set[str] = set()
        made: dict[str, list[cst.BaseExpression]] = {}
        for part in self.parts:
            if isinstance(part, cst.Assign):
                for target in part.targets:
                    if isinstance(target.target, cst.Name):
                        made.setdefault(target.target.value, []).append(part.value)
                    else:
                        bound.update(p.value for p in target_parts(target.target) if isinstance(p, cst.Name))
            elif isinstance(part, cst.AnnAssign | cst.For | cst.CompFor):
                bound.update(p.value for p in target_parts(part.target) if isinstance(p, cst.Name))
            elif isinstance(part, cst.AsName) and isinstance(part.name, cst.Name):
                bound.add(part.name.value)
        if fills in bound or fills in made:
            self.fills = None
        bound.update(param.name.value for param in walk(function.params) if isinstance(param, cst.Param))
        own = {name: values for name, values in made.items() if name not in bound}
        self.fresh = {name for name, values in own.items() if all(map(self._makes, values))}
        self.counts = {name for name, values in own.items() if all(isinstance(v, _LITERALS) for v in values)}

    def is_own(self, name: cst.Name) -> bool:
        """Whether a name is a parameter or a local of the function."""
        scope = self.names.scopes.owner(name)
        return scope is not None and id(scope) in self.scopes

    def is_own_target(self, target: cst.CSTNode) -> bool:
        """Whether storing there changes nothing but a local, or a container that the function made."""
        if isinstance(target, cst.Subscript):
            return isinstance(target.value, cst.Name) and target.value.value in self.fresh
        if isinstance(target, cst.Attribute):
            return isinstance(target.value, cst.Name) and target.value.value == self.fills
        return isinstance(target, cst.Name)

    def grows_own(self, call: cst.Call) -> bool:
        """Whether a call is of a method that changes a container which the function made, and nothing else."""
        func = call.func
        return (
            isinstance(func, cst.Attribute)
            and isinstance(func.value, cst.Name)
            and func.value.value in self.fresh
            and func.attr.value in _CHANGING
        )

    def _makes(self, value: cst.BaseExpression) -> bool:
        made = self.names.dotted(value.func) if isinstance(value, cst.Call) else None
        return isinstance(value, _CONTAINERS) or made in _MAKE_CONTAINERS


def _is_look(call: cst.Call, names: Names) -> bool:
    """The same of a receiver that is not seen, where only a container, a text or an array takes such arguments.

    A store's `get(key)` may wait for the key, a queue's `get(True, 5)` for an item; a thread's `join(5)` for its end; a
    path's `replace(other)` moves a file, and its `copy(other)` makes one.
    """
    if not looks(call, names) or any(arg.keyword is not None or arg.star for arg in call.args):
        return False
    assert isinstance(call.func, cst.Attribute)
    given = [arg.value for arg in call.args]
    flagged = bool(given) and isinstance(given[0], cst.Name) and given[0].value in ("True", "False")
    rules = {"get": len(given) == 2 and not flagged, "join": False, "copy": not given, "replace": len(given) > 1}
    return rules.get(call.func.attr.value, True)


def _called(node: cst.BaseExpression) -> cst.BaseExpression:
    return node.func if isinstance(node, cst.Call) else node


def _sets(decorator: cst.Decorator) -> bool:
    """Whether a method is run as an attribute is set, or may be: a setter, or made by something that is not known."""
    return not (isinstance(decorator.decorator, cst.Name) and decorator.decorator.value in _PLAIN_DECORATORS)


def _labels(part: cst.CSTNode) -> Iterator[cst.CSTNode]:
    if isinstance(part, cst.Attribute):
        yield part.attr
    elif isinstance(part, cst.Arg) and part.keyword is not None:
        yield part.keyword
