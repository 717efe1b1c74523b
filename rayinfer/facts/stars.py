"""Star imports: what `from module import *` says, and what it is asked of the file that it names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import libcst as cst

from rayinfer.facts.remotes import RemoteDefinition
from rayinfer.facts.syntax import dotted_text
from rayinfer.facts.walk import walk

if TYPE_CHECKING:
    from rayinfer.facts.names import Names


class Files(Protocol):
    """The other files of a program, as one file of it imports them."""

    def imported(self, name: str, attributes: Sequence[str], loaded: Iterable[str]) -> RemoteDefinition | None:
        """What an imported name and attributes of it are; `loaded` are the modules loaded by their full names."""

    def defined(self, name: str) -> tuple[cst.ClassDef, Names] | None:
        """The plain class that an imported name is, with the names of its file."""

    def exported(self, name: str) -> Mapping[str, str] | None:
        """The dotted names of what `from name import *` binds; None where that cannot be told."""


def star_imports(module: cst.Module) -> tuple[frozenset[cst.Name], tuple[cst.ImportFrom, ...]]:
    """The names before the last star import, and all such imports."""
    names: list[cst.Name] = []
    stars: list[cst.ImportFrom] = []
    before = 0
    for node in walk(module):
        if isinstance(node, cst.ImportFrom) and isinstance(node.names, cst.ImportStar):
            before = len(names)
            stars.append(node)
        elif isinstance(node, cst.Name):
            names.append(node)
    return frozenset(names[:before]), tuple(stars)


def source_of(node: cst.ImportFrom) -> str:
    """The dotted name of the module that names are imported from, with a dot for each level of a relative import."""
    return "." * len(node.relative) + (dotted_text(node.module) if node.module is not None else "")


def texts_of(binders: Sequence[cst.CSTNode]) -> set[str] | None:
    """The texts of the list that is the one assignment to a name; None for anything else."""
    binder = binders[0] if len(binders) == 1 else None
    value = binder.value if isinstance(binder, cst.Assign) and len(binder.targets) == 1 else None
    if not isinstance(value, cst.List | cst.Tuple):
        return None
    texts = {e.value.evaluated_value if isinstance(e.value, cst.SimpleString) else None for e in value.elements}
    return {text for text in texts if isinstance(text, str)} if all(isinstance(t, str) for t in texts) else None
