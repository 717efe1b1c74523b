"""The other files of a program: what an imported name is, found by reading those files and never by importing them."""

from __future__ import annotations

import os.path
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import libcst as cst

from rayinfer.facts.names import Names
from rayinfer.facts.remotes import RemoteDefinition
from rayinfer.facts.scopes import Scopes, resolve
from rayinfer.source.module import parse_tree

# The bytes of the file at a path, or None where there is no such file.
Reader = Callable[[str], bytes | None]


class Program:
    """The files that a driver can import from its own folder and from the root of its package.

    What is installed elsewhere, or in the standard library, is not looked at. A file that does not parse, that binds
    names by `exec` and the like, or that two places could give, is as if it were not there.
    """

    def __init__(self, path: str, read: Reader) -> None:
        self._path = path
        self._read = read
        self._names: dict[str, Names | None] = {}
        self._following: set[tuple[str, str]] = set()

    def imported(
        self, name: str, attributes: Sequence[str], loaded: Iterable[str], importer: str | None = None
    ) -> RemoteDefinition | None:
        """The remote function or actor class that a file knows as an imported name, or as an attribute of one.

        `name` is dotted, with a dot in front for each level of a relative import. `loaded` are the modules that the
        file imports by their full names, which makes them attributes of their packages. The file is the driver, if
        `importer` names no other.
        """
        found = self._find(importer or self._path, name, attributes, loaded)
        return found if isinstance(found, RemoteDefinition) else None

    def defined(self, name: str, importer: str | None = None) -> tuple[cst.ClassDef, Names] | None:
        """The plain class that a dotted name is in a file, with the names of the file that defines it."""
        found = self._find(importer or self._path, name) if name.strip(".") else None
        return (found.node, found.names) if isinstance(found, _PlainClass) else None

    def exported(self, name: str, importer: str | None = None) -> dict[str, str] | None:
        """The dotted names of what `from name import *` binds; None where that cannot be told.

        A package without `__all__` exports the modules that anybody has loaded from it, too.
        """
        module = self._find(importer or self._path, name) if name.strip(".") else None
        names = self._names_of(module) if isinstance(module, str) else None
        exported = names.exported if names is not None else None
        if names is None or exported is None or not isinstance(module, str):
            return None
        if os.path.basename(module) == "__init__.py" and "__all__" not in names.scopes.module.bound:
            return None
        # What the module imports relative to itself goes by its own name there.
        own = {key: dotted for key, dotted in exported.items() if dotted is not None and not dotted.startswith(".")}
        return {key: own.get(key, f"{name}.{key}") for key in exported}

    def _find(
        self, importer: str, name: str, attributes: Sequence[str] = (), loaded: Iterable[str] = ()
    ) -> RemoteDefinition | _PlainClass | str | None:
        """The same, or a plain class; a module is given as the path of its file."""
        parts = name.lstrip(".").split(".")
        level = len(name) - len(name.lstrip("."))
        known = len(parts)
        parts += attributes
        found: RemoteDefinition | _PlainClass | str | None
        if level:
            found, first = self._package(importer, level), 0
        else:
            found, first = self._top(parts[0]), 1
        for number in range(first, len(parts)):
            if not isinstance(found, str):
                return None
            imports = number < known or (not level and ".".join(parts[: number + 1]) in loaded)
            found = self._member(found, parts[number], imports)
        return found

    @cached_property
    def _roots(self) -> list[str]:
        """Where the driver's top-level modules lie: in its folder, as of a script, and beside its package."""
        own = root = os.path.dirname(self._path)
        while self._is_file(os.path.join(root, "__init__.py")) and _above(root) != root:
            root = _above(root)
        return [own] if root == own else [own, root]

    def _package(self, importer: str, level: int) -> str | None:
        """The file of the package that a relative import starts from."""
        folder = os.path.dirname(importer)
        for step in range(level):
            folder = _above(folder) if step else folder
            if not self._is_file(os.path.join(folder, "__init__.py")):
                return None
        return os.path.join(folder, "__init__.py")

    def _top(self, name: str) -> str | None:
        """The file of a top-level module."""
        if name in sys.stdlib_module_names:
            return None
        found = {path for root in self._roots if (path := self._module(root, name)) is not None}
        return found.pop() if len(found) == 1 else None

    def _module(self, folder: str, name: str) -> str | None:
        for path in (os.path.join(folder, name, "__init__.py"), os.path.join(folder, f"{name}.py")):
            if self._is_file(path):
                return path
        return None

    def _member(self, module: str, name: str, imports: bool) -> RemoteDefinition | _PlainClass | str | None:
        """What an attribute of a module is; with `imports` it may be a submodule that nothing has loaded before."""
        folder, file = os.path.split(module)
        submodule = self._module(folder, name) if file == "__init__.py" else None
        names = self._names_of(module)
        if names is None:
            return None
        # Where the package itself imports the name from itself, it is not bound yet.
        if not names.may_bind(name) or (module, name) in self._following:
            return submodule if imports else None
        bound = names.at_top(name)
        if bound is None:
            return None
        self._following.add((module, name))
        try:
            found = self._find(module, bound[1]) if bound[1] else names.remote_at_top(name)
            if found is None and isinstance(bound[0], cst.ClassDef):
                found = _PlainClass(bound[0], names, module)
        finally:
            self._following.discard((module, name))
        # Whoever loads the submodule of that name binds the name anew, unless the package has loaded it itself.
        if submodule is not None and submodule not in (found, getattr(found, "file", None)):
            return None
        if isinstance(found, RemoteDefinition) and found.file is None:
            return replace(found, file=module)
        return found

    def _names_of(self, module: str) -> Names | None:
        if module not in self._names:
            data = self._read(module)
            tree = _resolved(data) if data is not None else None
            if tree is None or tree[1].uses_dynamic_names:
                self._names[module] = None
            else:
                self._names[module] = Names(*tree, _SeenFrom(self, module))
        return self._names[module]

    def _is_file(self, path: str) -> bool:
        return self._read(path) is not None


@dataclass(frozen=True)
class _PlainClass:
    """A class that is no actor's, with the names of the file that defines it, and that file."""

    node: cst.ClassDef
    names: Names
    file: str


@dataclass(frozen=True)
class _SeenFrom:
    """The files of a program as one of them imports them."""

    program: Program
    importer: str

    def imported(self, name: str, attributes: Sequence[str], loaded: Iterable[str]) -> RemoteDefinition | None:
        return self.program.imported(name, attributes, loaded, self.importer)

    def defined(self, name: str) -> tuple[cst.ClassDef, Names] | None:
        return self.program.defined(name, self.importer)

    def exported(self, name: str) -> Mapping[str, str] | None:
        return self.program.exported(name, self.importer)


def _above(folder: str) -> str:
    """The folder above one that is given relative to the working folder or in full."""
    above = os.path.join(folder, os.pardir)
    return above if folder in ("", os.curdir) or os.path.basename(folder) == os.pardir else os.path.dirname(folder)


@lru_cache(maxsize=8)
def _resolved(data: bytes) -> tuple[cst.Module, Scopes] | None:
    module = parse_tree(data)
    return None if module is None else (module, resolve(module))
