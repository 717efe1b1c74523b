"""What names mean: imports and aliases followed to dotted names, and which names are remote functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import libcst as cst

from rayinfer.facts.hooks import NO_HOOKS, Hooks
from rayinfer.facts.ray_names import REMOTE
from rayinfer.facts.remotes import RemoteDefinition, definition
from rayinfer.facts.scopes import Scope, Scopes
from rayinfer.facts.stars import Files, source_of, star_imports, texts_of
from rayinfer.facts.syntax import dotted_text, imported, root_of
from rayinfer.facts.walk import walk

# What binds a name, and the dotted name that an import gives it; a relative import's has a dot for each level in front.
Binding = tuple[cst.CSTNode, str | None]


class Names:
    """Follows the names of one module; `files` tells what those are that it imports from other files."""

    def __init__(self, module: cst.Module, scopes: Scopes, files: Files | None = None) -> None:
        self.scopes = scopes
        self._module = module
        self._files = files
        self._binders: dict[int, Binding] = {}
        self._remotes: dict[tuple[int, str], RemoteDefinition | None] = {}
        self._roots: dict[tuple[int, str], set[str]] = {}
        self._following: set[int] = set()
        self._shared: dict[tuple[int, str], bool] = {}
        self._only: dict[tuple[int, str], Binding | None] = {}
        _collect_binders(module, self._binders)
        # What stands before the last `import *`, which may bind it anew.
        self._before, self._stars = star_imports(module) if scopes.has_star_import else (frozenset(), ())
        # Code of the file that runs without being called by name: filled in by `hidden.find_hooks`.
        self.hooks: Hooks = NO_HOOKS
        # Such code without an effect, which may still look at something; an iterator's has no name.
        self.silent: list[tuple[str, cst.CSTNode]] = []
        # Whether a class of the file may be what `print` writes to, and whether its code may run as a record is logged:
        # filled in by `tells.find_listeners`.
        self.writes = self.logs = False
        # Whether an expression names a function that only computes: `quiet.QuietFunctions`, once that is known.
        self.is_quiet: Callable[[cst.BaseExpression], bool] = lambda _: False

    def dotted(self, node: cst.BaseExpression) -> str | None:
        """The dotted name of what an expression refers to: through imports, or a builtin as `builtins.len`.

        None where that is not certain: the name is bound more than once, or not by an import.
        """
        node, attributes = root_of(node)
        if not isinstance(node, cst.Name):
            return None
        scope = self.scopes.owner(node)
        if scope is None:
            if self.starred is None or self.scopes.uses_dynamic_names:
                return None
            root = self.starred.get(node.value, f"builtins.{node.value}")
        else:
            bound = self._only_binding(scope, self.scopes.spelling(node))
            root = bound[1] or self._alias(bound[0]) if bound else None
            if scope is self.scopes.module and self.starred and self.starred.get(node.value, root) != root:
                return None
        return ".".join([root, *attributes]) if root and not root.startswith(".") else None

    def _alias(self, binder: cst.CSTNode) -> str | None:
        """The dotted name that `get = ray.get` gives its one target."""
        if not isinstance(binder, cst.Assign) or len(binder.targets) != 1 or id(binder) in self._following:
            return None
        if not isinstance(binder.value, cst.Name | cst.Attribute):
            return None
        self._following.add(id(binder))
        try:
            return self.dotted(binder.value)
        finally:
            self._following.discard(id(binder))

    def may_be(self, node: cst.BaseExpression, dotted: str) -> bool:
        """Whether one of the bindings of an expression's name makes it refer to `dotted`."""
        node, attributes = root_of(node)
        scope = self.scopes.owner(node) if isinstance(node, cst.Name) else None
        if scope is None or not isinstance(node, cst.Name):
            return False
        key = (id(scope), self.scopes.spelling(node))
        if key not in self._roots:
            bound = [self._binders.get(id(name)) for name in self.scopes.occurrences(scope, key[1])]
            self._roots[key] = {one[1] for one in bound if one is not None and one[1] is not None}
        return any(".".join([root, *attributes]) == dotted for root in self._roots[key])

    def remote_definition(self, node: cst.BaseExpression) -> RemoteDefinition | None:
        """What `node` is, if it names a remote function or actor class of this file, or of one that it imports from.

        That is a name, or an attribute of an imported module. A name that is bound several times is known when all that
        it is bound to agree: which of them it is does not matter to who names it.
        """
        node, attributes = root_of(node)
        if not isinstance(node, cst.Name):
            return None
        scope = self.scopes.owner(node)
        if scope is None:
            dotted = self.starred.get(node.value) if self.starred else None
            return self._followed(dotted, attributes, self._stars[-1]) if dotted is not None else None
        name = self.scopes.spelling(node)
        key = (id(scope), ".".join([name, *attributes]))
        if key not in self._remotes:
            self._remotes[key] = None  # a name defined through itself is not known
            bindings = self._bindings(scope, name)
            if self._before and scope is self.scopes.module and any(map(self._before_star, bindings)):
                bindings = []
            self._remotes[key] = self._agreed(node.value, attributes, bindings)
        return self._remotes[key]

    def class_definition(self, node: cst.BaseExpression) -> tuple[cst.ClassDef, Names] | None:
        """The plain class of this file, or of one that it imports from, that an expression names, with its names."""
        binder = self.only_binder(node) if isinstance(node, cst.Name) else None
        if isinstance(binder, cst.ClassDef):
            return binder, self
        dotted = self.dotted(node)
        return self.imported_class(dotted) if dotted is not None else None

    def imported_class(self, dotted: str) -> tuple[cst.ClassDef, Names] | None:
        """The plain class of another file that goes by a dotted name here, with the names of that file."""
        return self._files.defined(dotted) if self._files is not None else None

    def imports(self, *modules: str) -> bool:
        """Whether the file imports one of these modules, or something out of it."""
        return not self._imported.isdisjoint(modules)

    @cached_property
    def _imported(self) -> frozenset[str]:
        return frozenset(bound[1].partition(".")[0] for bound in self._binders.values() if bound[1] is not None)

    def only_binder(self, name: cst.Name) -> cst.CSTNode | None:
        """The one import, definition or assignment of this file that binds a name; None when it is not the only one."""
        scope = self.scopes.owner(name)
        bound = self._only_binding(scope, name.value) if scope is not None else None
        if bound is None or (self._before and scope is self.scopes.module and self._before_star(bound)):
            return None
        return bound[0]

    def may_bind(self, name: str) -> bool:
        """Whether the module has an attribute of that name, as far as its own text can tell."""
        return bool({name, "__getattr__"} & self.scopes.module.bound) or self.scopes.has_star_import

    def at_top(self, name: str) -> Binding | None:
        """What binds a name of the module for good, where that runs whenever the module is loaded.

        None when bindings do not agree: of one remote function and another, or of a module and something else.
        """
        bindings = self._bindings(self.scopes.module, name)
        lines = (s.body if isinstance(s, cst.SimpleStatementLine) else (s,) for s in self._module.body)
        top = {id(part) for line in lines for part in line}
        if not bindings or any(id(binding[0]) not in top or self._before_star(binding) for binding in bindings):
            return None
        imported = {dotted for _, dotted in bindings}
        return bindings[-1] if len(imported) == 1 else None

    def remote_at_top(self, name: str) -> RemoteDefinition | None:
        """The remote function or actor class that such bindings of this file make of a name."""
        bindings = self._bindings(self.scopes.module, name)
        last = bindings[-1][0]
        if isinstance(last, cst.FunctionDef | cst.ClassDef) and not last.decorators:
            return None
        return self._agreed(name, (), bindings)

    @cached_property
    def starred(self) -> Mapping[str, str | None] | None:
        """The dotted names of what the file's star imports bind; None when that cannot be told.

        The dotted name is None where two of them bind a name to different things, or one of them may not run.
        """
        found: dict[str, str | None] = {}
        lines = [line.body for line in self._module.body if isinstance(line, cst.SimpleStatementLine)]
        top = {id(part) for parts in lines for part in parts}
        for star in self._stars:
            exported = self._files.exported(source_of(star)) if self._files is not None else None
            if exported is None:
                return None
            for name, dotted in exported.items():
                found[name] = dotted if id(star) in top and found.get(name, dotted) == dotted else None
        return found

    @cached_property
    def exported(self) -> Mapping[str, str | None] | None:
        """What `import *` binds from this file: for each name the dotted name that an import gives it, if one does.

        None where that is not plain from the text.
        """
        if self.scopes.has_star_import or self.scopes.uses_dynamic_names:
            return None
        public = {name for name in self.scopes.module.bound if not name.startswith("_")}
        if "__all__" in self.scopes.module.bound:
            named = texts_of([node for node, _ in self._bindings(self.scopes.module, "__all__")])
            if named is None or len(self.scopes.occurrences(self.scopes.module, "__all__")) > 1:
                return None
            public = named
        bound = {name: self.at_top(name) for name in sorted(public)}
        return {name: binding[1] if binding is not None else None for name, binding in bound.items()}

    @cached_property
    def _loaded(self) -> frozenset[str]:
        """The modules that import statements at the top of this one load by their full names."""
        lines = (s.body for s in self._module.body if isinstance(s, cst.SimpleStatementLine))
        imports = (part for line in lines for part in line if isinstance(part, cst.Import))
        full = (dotted_text(alias.name).split(".") for each in imports for alias in each.names)
        return frozenset(".".join(parts[: n + 1]) for parts in full for n in range(len(parts)))

    @cached_property
    def _set(self) -> frozenset[str]:
        """The attributes that this file assigns or deletes, and `setattr` when it may do so to any."""
        found = {"setattr" for name in self.scopes.names() if name.value in ("setattr", "delattr")}
        for node in walk(self._module):
            if isinstance(node, cst.AssignTarget | cst.AnnAssign | cst.AugAssign | cst.For | cst.CompFor | cst.Del):
                targets: cst.CSTNode | None = node.target
            else:
                targets = node.asname if isinstance(node, cst.WithItem) else None
            if targets is not None:
                found.update(part.attr.value for part in walk(targets) if isinstance(part, cst.Attribute))
        return frozenset(found)

    def value_of(self, node: cst.Name) -> cst.BaseExpression | None:
        """What a name is assigned, if that is all that ever binds it."""
        scope = self.scopes.owner(node)
        bound = self._only_binding(scope, self.scopes.spelling(node)) if scope is not None else None
        if bound is None or not isinstance(bound[0], cst.Assign) or len(bound[0].targets) != 1:
            return None
        return bound[0].value

    def is_shared(self, target: cst.Name) -> bool:
        """Whether a function, lambda or class other than the one that binds this name mentions it, too."""
        owner = self.scopes.owner(target)
        if owner is None:
            return False
        key = (id(owner), self.scopes.spelling(target))
        if key not in self._shared:
            places = {id(_of_code(self.scopes.place(each))) for each in self.scopes.occurrences(owner, key[1])}
            self._shared[key] = len(places | {id(owner)}) > 1
        return self._shared[key]

    def _only_binding(self, scope: Scope, name: str) -> Binding | None:
        key = (id(scope), name)
        if key not in self._only:
            self._only[key] = self._find_only_binding(scope, name)
        return self._only[key]

    def _find_only_binding(self, scope: Scope, name: str) -> Binding | None:
        stores = self.scopes.stores(scope, name)
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

    def _bindings(self, scope: Scope, name: str) -> list[Binding]:
        """All that bind a name, in source order; none when one of them is not understood."""
        stores = self.scopes.stores(scope, name)
        found = [self._binders.get(id(store)) for store in stores]
        known = [binding for binding in found if binding is not None]
        return known if len(known) == len(stores) else []

    def _agreed(self, name: str, attributes: Sequence[str], bindings: Sequence[Binding]) -> RemoteDefinition | None:
        plain = [b for b, _ in bindings if isinstance(b, cst.FunctionDef | cst.ClassDef) and not b.decorators]
        # def f(...), then f = ray.remote(f)
        wrapped = plain[0] if len(plain) == 1 else None
        own = [binding for binding in bindings if binding[0] not in plain]
        made = [self._made_of(name, attributes, binding, wrapped) for binding in own]
        known = [each for each in made if each is not None]
        if not known or len(known) != len(own) or len({each.kind for each in known}) > 1:
            return None
        methods = known[0].methods if all(each.methods == known[0].methods for each in known) else {}
        several, listed = any(each.several for each in known), all(each.listed for each in known)
        return replace(known[0], several=several, listed=listed, methods=methods)

    def _before_star(self, binding: Binding) -> bool:
        return any(isinstance(part, cst.Name) and part in self._before for part in walk(binding[0]))

    def _made_of(
        self,
        name: str,
        attributes: Sequence[str],
        binding: Binding,
        wrapped: cst.FunctionDef | cst.ClassDef | None,
    ) -> RemoteDefinition | None:
        """What a binding makes of a name; `wrapped` is the plain definition of the same name, if there is one."""
        binder, dotted = binding
        if dotted is not None:
            return self._followed(dotted, attributes, binder)
        if attributes:
            return None
        if isinstance(binder, cst.FunctionDef | cst.ClassDef):
            if not binder.decorators:
                return None
            options = self._remote_options(binder.decorators[0].decorator)
            return None if options is None else definition(name, binder, options, binder, self.dotted)
        if not isinstance(binder, cst.Assign) or len(binder.targets) != 1:
            return None
        if isinstance(binder.value, cst.Name | cst.Attribute):
            same = self.remote_definition(binder.value)
            return None if same is None else replace(same, name=name, node=binder)
        if isinstance(binder.value, cst.Call):
            # f = ray.remote(g), f = ray.remote(num_cpus=1)(g)
            call = binder.value
            if isinstance(call.func, cst.Call):
                options = self._remote_options(call.func)
            else:
                options = [] if self.dotted(call.func) == REMOTE else None
            if options is None or len(call.args) != 1 or call.args[0].keyword is not None or call.args[0].star:
                return None
            given = call.args[0].value
            itself = isinstance(given, cst.Name) and given.value == name
            target = wrapped if itself else self._local_definition(given)
            if target is not None and not target.decorators:
                return definition(name, target, options, binder, self.dotted)
        return None

    def _followed(self, dotted: str, attributes: Sequence[str], binder: cst.CSTNode) -> RemoteDefinition | None:
        """What an imported name, or an attribute of it, is in the file that it comes from."""
        if self._files is None or (attributes and ("setattr" in self._set or self._set & {*attributes})):
            return None
        found = self._files.imported(dotted, attributes, self._loaded)
        return None if found is None else replace(found, node=binder)

    def _local_definition(self, node: cst.BaseExpression) -> cst.FunctionDef | cst.ClassDef | None:
        scope = self.scopes.owner(node) if isinstance(node, cst.Name) else None
        if scope is None or not isinstance(node, cst.Name):
            return None
        bound = self._only_binding(scope, self.scopes.spelling(node))
        return bound[0] if bound and isinstance(bound[0], cst.FunctionDef | cst.ClassDef) else None

    def _remote_options(self, decorator: cst.BaseExpression) -> list[cst.Arg] | None:
        """The arguments of `ray.remote` or `ray.remote(...)`; None when it is something else."""
        if isinstance(decorator, cst.Call):
            if self.dotted(decorator.func) != REMOTE or any(a.keyword is None for a in decorator.args):
                return None
            return list(decorator.args)
        return [] if self.dotted(decorator) == REMOTE else None


def _of_code(scope: Scope) -> Scope:
    """The scope around comprehensions."""
    while scope.kind == "comprehension" and scope.parent is not None:
        scope = scope.parent
    return scope


def _collect_binders(module: cst.Module, binders: dict[int, Binding]) -> None:
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
                full = dotted_text(alias.name)
                binders[id(imported(alias))] = (node, full if alias.asname is not None else full.split(".")[0])
        elif isinstance(node, cst.ImportFrom):
            if not isinstance(node.names, cst.ImportStar):
                prefix = source_of(node) + ("." if node.module is not None else "")
                for alias in node.names:
                    binders[id(imported(alias))] = (node, prefix + dotted_text(alias.name))


def _holds_statements(node: cst.CSTNode) -> bool:
    return not isinstance(node, cst.BaseExpression | cst.BaseSmallStatement)
