"""What names mean: imports followed to dotted names, and the one table of Ray's names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import libcst as cst

from rayinfer.facts.scopes import Scope, Scopes
from rayinfer.facts.walk import walk

# What a call of Ray's own API does to the submissions that are pending around it.
RAY_BLOCKS = frozenset({"ray.get", "ray.wait", "ray.kill", "ray.cancel"})
RAY_DOES_NOT_OBSERVE = frozenset({"ray.put"})


@dataclass(frozen=True)
class RemoteDefinition:
    """A name that is a remote function or an actor class.

    `node` is what binds it, `kind` is `task` or `actor`; `several` says that its calls give more than one ref
    (`num_returns`, a generator).
    """

    name: str
    kind: str
    several: bool
    node: cst.CSTNode


class Names:
    """Follows the names of one module."""

    def __init__(self, module: cst.Module, scopes: Scopes) -> None:
        self.scopes = scopes
        self._binders: dict[int, tuple[cst.CSTNode, str | None]] = {}
        self._remotes: dict[tuple[int, str], RemoteDefinition | None] = {}
        self._roots: dict[tuple[int, str], set[str]] = {}
        self._only: dict[tuple[int, str], tuple[cst.CSTNode, str | None] | None] = {}
        _collect_binders(module, self._binders)
        # What stands before the last `import *`, which may bind it anew.
        self._before = _names_before_last_star(module) if scopes.has_star_import else frozenset()

    def dotted(self, node: cst.BaseExpression) -> str | None:
        """The dotted name of what an expression refers to: through imports, or a builtin as `builtins.len`.

        None where that is not certain: the name is bound more than once, or not by an import.
        """
        parts: list[str] = []
        while isinstance(node, cst.Attribute):
            parts.append(node.attr.value)
            node = node.value
        if not isinstance(node, cst.Name):
            return None
        scope = self.scopes.owner(node)
        if scope is None:
            if self.scopes.has_star_import or self.scopes.uses_dynamic_names:
                return None
            root: str | None = f"builtins.{node.value}"
        else:
            bound = self._only_binding(scope, node.value)
            root = bound[1] if bound else None
        return ".".join([root, *reversed(parts)]) if root else None

    def may_be(self, node: cst.BaseExpression, dotted: str) -> bool:
        """Whether one of the bindings of an expression's name makes it refer to `dotted`."""
        parts: list[str] = []
        while isinstance(node, cst.Attribute):
            parts.append(node.attr.value)
            node = node.value
        scope = self.scopes.owner(node) if isinstance(node, cst.Name) else None
        if scope is None or not isinstance(node, cst.Name):
            return False
        key = (id(scope), node.value)
        if key not in self._roots:
            bound = [self._binders.get(id(name)) for name in self.scopes.occurrences(scope, node.value)]
            self._roots[key] = {one[1] for one in bound if one is not None and one[1] is not None}
        return any(".".join([root, *reversed(parts)]) == dotted for root in self._roots[key])

    def remote_definition(self, node: cst.BaseExpression) -> RemoteDefinition | None:
        """What `node` is, if it names a remote function or actor class of this file.

        A name that is bound several times is known when all that it is bound to agree: which of them it is does not
        matter to who names it.
        """
        if not isinstance(node, cst.Name):
            return None
        scope = self.scopes.owner(node)
        if scope is None:
            return None
        key = (id(scope), node.value)
        if key not in self._remotes:
            self._remotes[key] = None  # a name defined through itself is not known
            binders = self._binders_of(scope, node.value)
            if self._before and scope is self.scopes.module and any(map(self._before_star, binders)):
                binders = []
            self._remotes[key] = self._agreed(node.value, binders)
        return self._remotes[key]

    def is_ray_call(self, call: cst.Call) -> str | None:
        """The dotted name of a call of Ray's API, such as `ray.get`."""
        name = self.dotted(call.func)
        return name if name is not None and name.startswith("ray.") else None

    def _only_binding(self, scope: Scope, name: str) -> tuple[cst.CSTNode, str | None] | None:
        key = (id(scope), name)
        if key not in self._only:
            self._only[key] = self._find_only_binding(scope, name)
        return self._only[key]

    def _find_only_binding(self, scope: Scope, name: str) -> tuple[cst.CSTNode, str | None] | None:
        stores = [n for n in self.scopes.occurrences(scope, name) if self.scopes.is_store(n)]
        if not stores:
            return None
        first = self._binders.get(id(stores[0]))
        if len(stores) == 1:
            return first
        # `import ray` and `import ray.util` bind one name to one module.
        others = [self._binders.get(id(store)) for store in stores[1:]]
        agree = first is not None and first[1] is not None
        same = first is not None and all(other is not None and other[1] == first[1] for other in others)
        return first if agree and same else None

    def _binders_of(self, scope: Scope, name: str) -> list[cst.CSTNode]:
        """All that bind a name, in source order; none when one of them is not an own definition of this file."""
        stores = [n for n in self.scopes.occurrences(scope, name) if self.scopes.is_store(n)]
        found = [self._binders.get(id(store)) for store in stores]
        known = [binder[0] for binder in found if binder is not None and binder[1] is None]
        return known if len(known) == len(stores) else []

    def _agreed(self, name: str, binders: Sequence[cst.CSTNode]) -> RemoteDefinition | None:
        plain = [b for b in binders if isinstance(b, cst.FunctionDef | cst.ClassDef) and not b.decorators]
        # def f(...), then f = ray.remote(f)
        made = [self._made_of(name, binder, plain[0] if len(plain) == 1 else None) for binder in binders]
        known = [definition for definition in made if definition is not None]
        own = [binder for binder in binders if binder not in plain]
        if not known or len(known) != len(own) or len({definition.kind for definition in known}) > 1:
            return None
        return replace(known[0], several=any(definition.several for definition in known))

    def _before_star(self, binder: cst.CSTNode) -> bool:
        return any(isinstance(part, cst.Name) and part in self._before for part in walk(binder))

    def _made_of(
        self, name: str, binder: cst.CSTNode, wrapped: cst.FunctionDef | cst.ClassDef | None
    ) -> RemoteDefinition | None:
        """What a binder makes of a name; `wrapped` is the plain definition of the same name, if there is one."""
        if isinstance(binder, cst.FunctionDef | cst.ClassDef):
            if not binder.decorators:
                return None
            options = self._remote_options(binder.decorators[0].decorator)
            return None if options is None else _definition(name, binder, options, binder)
        if isinstance(binder, cst.Assign) and isinstance(binder.value, cst.Call) and len(binder.targets) == 1:
            # f = ray.remote(g), f = ray.remote(num_cpus=1)(g)
            call = binder.value
            if isinstance(call.func, cst.Call):
                options = self._remote_options(call.func)
            else:
                options = [] if self.dotted(call.func) == "ray.remote" else None
            if options is None or len(call.args) != 1 or call.args[0].keyword is not None or call.args[0].star:
                return None
            given = call.args[0].value
            itself = isinstance(given, cst.Name) and given.value == name
            target = wrapped if itself else self._local_definition(given)
            if target is not None and not target.decorators:
                return _definition(name, target, options, binder)
        return None

    def _local_definition(self, node: cst.BaseExpression) -> cst.FunctionDef | cst.ClassDef | None:
        scope = self.scopes.owner(node) if isinstance(node, cst.Name) else None
        bound = self._only_binding(scope, node.value) if scope is not None and isinstance(node, cst.Name) else None
        return bound[0] if bound and isinstance(bound[0], cst.FunctionDef | cst.ClassDef) else None

    def _remote_options(self, decorator: cst.BaseExpression) -> list[cst.Arg] | None:
        """The arguments of `ray.remote` or `ray.remote(...)`; None when it is something else."""
        if isinstance(decorator, cst.Call):
            if self.dotted(decorator.func) != "ray.remote" or any(a.keyword is None for a in decorator.args):
                return None
            return list(decorator.args)
        return [] if self.dotted(decorator) == "ray.remote" else None


def _definition(
    name: str, node: cst.FunctionDef | cst.ClassDef, options: list[cst.Arg], binder: cst.CSTNode
) -> RemoteDefinition:
    if isinstance(node, cst.ClassDef):
        return RemoteDefinition(name, "actor", False, binder)
    several = any(
        arg.keyword is not None
        and arg.keyword.value == "num_returns"
        and not (isinstance(arg.value, cst.Integer) and arg.value.value == "1")
        for arg in options
    )
    return RemoteDefinition(name, "task", several or _yields(node), binder)


def _yields(function: cst.FunctionDef) -> bool:
    own = walk(function.body, lambda node: not isinstance(node, cst.FunctionDef | cst.ClassDef | cst.Lambda))
    return any(isinstance(node, cst.Yield) for node in own)


def _collect_binders(module: cst.Module, binders: dict[int, tuple[cst.CSTNode, str | None]]) -> None:
    """For each binding name of an import, def, class or plain assignment: what binds it, and its dotted name."""
    for node in walk(module, _holds_statements):
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            binders[id(node.name)] = (node, None)
        elif isinstance(node, cst.Assign):
            for target in node.targets:
                if isinstance(target.target, cst.Name):
                    binders[id(target.target)] = (node, None)
        elif isinstance(node, cst.Import):
            for alias in node.names:
                full = _dotted_text(alias.name)
                if alias.asname is not None:
                    binders[id(alias.asname.name)] = (node, full)
                else:
                    first = alias.name
                    while isinstance(first, cst.Attribute):
                        first = first.value  # type: ignore[assignment]
                    binders[id(first)] = (node, full.split(".")[0])
        elif isinstance(node, cst.ImportFrom):
            if not isinstance(node.names, cst.ImportStar) and node.module is not None and not node.relative:
                prefix = _dotted_text(node.module)
                for alias in node.names:
                    bound = alias.asname.name if alias.asname is not None else alias.name
                    binders[id(bound)] = (node, f"{prefix}.{_dotted_text(alias.name)}")


def _names_before_last_star(module: cst.Module) -> frozenset[cst.Name]:
    names: list[cst.Name] = []
    before = 0
    for node in walk(module):
        if isinstance(node, cst.ImportStar):
            before = len(names)
        elif isinstance(node, cst.Name):
            names.append(node)
    return frozenset(names[:before])


def _holds_statements(node: cst.CSTNode) -> bool:
    return not isinstance(node, cst.BaseExpression | cst.BaseSmallStatement)


def _dotted_text(node: cst.BaseExpression) -> str:
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    parts.append(node.value if isinstance(node, cst.Name) else "?")
    return ".".join(reversed(parts))
