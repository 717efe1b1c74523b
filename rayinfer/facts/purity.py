"""Whether a task's own code has effects outside its arguments: what may not be run before its turn."""

from __future__ import annotations

import libcst as cst

from rayinfer.facts.names import Names
from rayinfer.facts.syntax import import_aliases, imported
from rayinfer.facts.walk import walk

_BUILTINS = frozenset(
    "abs all any bin bool bytes bytearray chr complex dict divmod enumerate filter float format frozenset hash hex int"
    " isinstance issubclass iter len list map max min next oct ord pow range repr reversed round set slice sorted str"
    " sum tuple type zip ArithmeticError AssertionError Exception IndexError KeyError LookupError NotImplementedError"
    " OverflowError RuntimeError StopIteration TypeError ValueError ZeroDivisionError True False None".split()
)
# Modules all of whose functions compute, sleep, or look at the clock; what else they have is in `_NOT`.
_MODULES = frozenset(
    "bisect cmath collections copy datetime decimal fractions hashlib heapq itertools math numpy operator random re"
    " statistics string time typing zlib".split()
)
_NAMES = frozenset(
    "functools.partial functools.reduce json.dumps json.loads os.getpid os.path.basename os.path.dirname os.path.join"
    " os.path.splitext socket.gethostname".split()
)
_NOT = frozenset(
    "fromfile genfromtxt load loads loadtxt memmap open_memmap save savetxt savez savez_compressed set_printoptions"
    " setdefaulttzinfo seterr seterrcall setstate set_state tzset frompyfunc file_digest".split()
)
# Methods that write somewhere, whatever has them.
_WRITING = frozenset({"dump", "flush", "remote", "save", "send", "tofile", "to_csv", "to_json", "to_parquet", "write"})
_CONSTANT = (cst.Integer, cst.Float, cst.Imaginary, cst.SimpleString)


def effect_of_task(function: cst.FunctionDef, names: Names) -> str | None:
    """What a function's code does besides computing its result, or None when it does nothing else.

    Other functions of the same file that it calls are looked through. What it reads of its module may be any plain
    value: that it cannot change is to be seen when the program runs.
    """
    seen: set[int] = set()
    work = [function]
    while work:
        current = work.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        effect = _Effects(current, names, work).first()
        if effect is not None:
            return effect if current is function else f"`{current.name.value}`, which it calls, {effect}"
    return None


class _Effects:
    """The effects of one function's own code; the functions of the file that it calls are added to `work`."""

    def __init__(self, function: cst.FunctionDef, names: Names, work: list[cst.FunctionDef]) -> None:
        self.function, self.names, self.work = function, names, work
        self.scopes = names.scopes
        self.parts = list(walk(function.body))
        opening = (cst.FunctionDef, cst.Lambda, cst.BaseComp)
        nodes = [function, *(part for part in self.parts if isinstance(part, opening))]
        self.inside = {id(self.scopes.scope_of(node)) for node in nodes}
        # The dotted names that are part of a longer one, and the names of what is called.
        self.inner: set[int] = set()
        aliases = [a for p in self.parts for a in import_aliases(p) if isinstance(p, cst.Import | cst.ImportFrom)]
        self.imported = {imported(alias).value for alias in aliases}

    def first(self) -> str | None:
        """The first effect that is found."""
        if self.function.asynchronous is not None:
            return "is asynchronous"
        if self.scopes.has_star_import:
            return "may use what a star import binds"
        params = self.function.params
        for param in (*params.posonly_params, *params.params, *params.kwonly_params):
            if param.default is not None and not _is_constant(param.default):
                return "has a default value that it may change"
        for part in self.parts:
            effect = self._effect(part)
            if effect is not None:
                return effect
        return None

    def _effect(self, part: cst.CSTNode) -> str | None:
        if isinstance(part, cst.Global | cst.Nonlocal):
            return "binds names outside of itself"
        if isinstance(part, cst.Yield | cst.Await | cst.With | cst.ClassDef):
            return "yields, waits, enters a context or defines a class"
        if isinstance(part, cst.FunctionDef) and part.decorators:
            return "decorates a function"
        if isinstance(part, cst.Import | cst.ImportFrom):
            return None  # what is imported is looked at where it is used
        if isinstance(part, cst.AssignTarget | cst.AugAssign | cst.AnnAssign | cst.For | cst.CompFor):
            return self._stored(part.target)
        if isinstance(part, cst.Del):
            return self._stored(part.target)
        if isinstance(part, cst.Call):
            return self._called(part)
        if isinstance(part, cst.Attribute | cst.Name) and id(part) not in self.inner:
            return self._read(part)
        if isinstance(part, cst.Arg | cst.ImportAlias | cst.Param) and getattr(part, "keyword", None) is not None:
            self.inner.add(id(part.keyword))  # type: ignore[union-attr]
        return None

    def _stored(self, target: cst.BaseExpression | cst.BaseDelTargetExpression) -> str | None:
        if isinstance(target, cst.Tuple | cst.List):
            return next((effect for e in target.elements if (effect := self._stored(e.value)) is not None), None)
        if isinstance(target, cst.Name):
            return None  # of the function itself: `global` was looked for
        root = _root(target)
        if root is None or not self._is_own(root) or self.names.dotted(root) is not None:
            return "changes something outside of itself"
        return None

    def _called(self, call: cst.Call) -> str | None:
        func = call.func
        dotted = self.names.dotted(func)
        if dotted is not None:
            return None if _is_allowed(dotted) else f"calls {dotted.removeprefix('builtins.')}"
        if isinstance(func, cst.Attribute):
            root = _root(func)
            if func.attr.value in _WRITING | _NOT or (root is not None and root.value in self.imported):
                return f"calls `{func.attr.value}`"
            if root is None or self._is_own(root) or self.names.dotted(root) is not None:
                return None  # of a value of its own, or of what a call of a module gave
            return f"calls a method of `{root.value}`"
        if isinstance(func, cst.Name):
            binder = self.names.only_binder(func)
            if isinstance(binder, cst.FunctionDef) and not binder.decorators:
                return None  # looked at where the name is read
            return f"calls `{func.value}`"
        return "calls what it computes"

    def _read(self, node: cst.Attribute | cst.Name) -> str | None:
        part: cst.BaseExpression = node
        while isinstance(part, cst.Attribute):
            self.inner.update((id(part.value), id(part.attr)))
            part = part.value
        if not isinstance(part, cst.Name):
            return None
        dotted = self.names.dotted(node)
        if dotted is not None:
            return None if _is_allowed(dotted) else f"uses {dotted.removeprefix('builtins.')}"
        if self._is_own(part):
            return None
        binder = self.names.only_binder(part)
        if isinstance(binder, cst.FunctionDef) and not binder.decorators:
            self.work.append(binder)
            return None
        if isinstance(binder, cst.FunctionDef | cst.ClassDef) or part is not node:
            return f"uses `{part.value}`"
        return None

    def _is_own(self, name: cst.Name) -> bool:
        scope = self.scopes.owner(name)
        return scope is not None and id(scope) in self.inside


def _root(node: cst.CSTNode) -> cst.Name | None:
    """The name that a chain of attributes, items and calls starts with; None for a literal or the like."""
    while True:
        if isinstance(node, cst.Attribute | cst.Subscript):
            node = node.value
        elif isinstance(node, cst.Call):
            node = node.func
        else:
            return node if isinstance(node, cst.Name) else None


def _is_allowed(dotted: str) -> bool:
    root, _, rest = dotted.partition(".")
    if root == "builtins":
        return rest in _BUILTINS
    return dotted in _NAMES or (root in _MODULES and not _NOT & set(rest.split(".")))


def _is_constant(node: cst.BaseExpression) -> bool:
    if isinstance(node, cst.UnaryOperation):
        return _is_constant(node.expression)
    if isinstance(node, cst.Tuple):
        return all(_is_constant(element.value) for element in node.elements)
    return isinstance(node, (*_CONSTANT, cst.Name))  # what a name stands for is seen when the program runs
