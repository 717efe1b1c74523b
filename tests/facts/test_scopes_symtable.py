"""The scope resolver against Python's own symbol table, over the standard library."""

from __future__ import annotations

import symtable
import sysconfig
from pathlib import Path
from typing import NamedTuple

import libcst as cst
import pytest

from rayinfer.facts.scopes import Scope, Scopes, resolve

_LIBRARY = Path(sysconfig.get_paths()["stdlib"])
_FILES = sorted(path for path in _LIBRARY.glob("*.py") if path.stat().st_size < 60_000)
_PACKAGES = ("json", "asyncio", "unittest", "email", "concurrent/futures", "importlib", "multiprocessing", "test")
_TRICKY = ("test_scope", "test_named_expressions", "test_patma", "test_listcomps", "test_genexps", "test_global")
_COMPREHENSIONS = ("listcomp", "setcomp", "dictcomp", "genexpr")


class Shape(NamedTuple):
    """One scope's names by where they are bound, and its nested scopes, in an order that both sides share."""

    kind: str
    local: tuple[str, ...]
    outside: tuple[str, ...]
    free: tuple[str, ...]
    children: tuple[Shape, ...]


def _batches() -> list[list[Path]]:
    files = list(_FILES)
    for package in _PACKAGES[:-1]:
        files += sorted((_LIBRARY / package).glob("*.py"))
    files += [path for name in _TRICKY if (path := _LIBRARY / "test" / f"{name}.py").exists()]
    return [files[start::8] for start in range(8)]


def _shape(kind: str, local: set[str], outside: set[str], free: set[str], children: list[Shape]) -> Shape:
    return Shape(kind, tuple(sorted(local)), tuple(sorted(outside)), tuple(sorted(free)), tuple(sorted(children)))


def _used(scopes: Scopes) -> dict[Scope, dict[str, Scope | None]]:
    """The names that each scope's code mentions, with their owners."""
    found: dict[Scope, dict[str, Scope | None]] = {}
    for name in scopes.names():
        found.setdefault(scopes.place(name), {})[scopes.spelling(name)] = scopes.owner(name)
    return found


def _ours(scopes: Scopes, scope: Scope, used: dict[Scope, dict[str, Scope | None]]) -> Shape:
    local: set[str] = set()
    outside: set[str] = set()
    free: set[str] = set()
    for name, owner in used.get(scope, {}).items():
        if name != "__class__":
            (local if owner is scope else outside if owner in (None, scopes.module) else free).add(name)
    kind = "function" if scope.kind in ("lambda", "comprehension") else scope.kind
    return _shape(kind, local, outside, free, [_ours(scopes, child, used) for child in scope.children])


def _theirs(table: symtable.SymbolTable) -> Shape:
    local: set[str] = set()
    outside: set[str] = set()
    free: set[str] = set()
    comprehension = table.get_type() == "function" and table.get_name() in _COMPREHENSIONS
    module = table.get_type() == "module"
    for symbol in table.get_symbols():
        name = symbol.get_name()
        mentioned = symbol.is_referenced() or symbol.is_assigned() or symbol.is_parameter() or symbol.is_imported()
        if name in (".0", "__class__") or name.startswith("_[") or not (mentioned or symbol.is_annotated()):
            continue
        if comprehension and not symbol.is_referenced() and not symbol.is_local():
            continue  # a walrus target: ours stands in the scope that it binds in
        if symbol.is_local() or (module and symbol.is_assigned()):
            local.add(name)
        elif symbol.is_free():
            free.add(name)
        else:
            outside.add(name)
    return _shape(table.get_type(), local, outside, free, [_theirs(child) for child in table.get_children()])


def _differences(ours: Shape, theirs: Shape, path: str = "") -> list[str]:
    if ours[:4] != theirs[:4]:
        return [f"{path}: {ours[:4]} != {theirs[:4]}"]
    if len(ours.children) != len(theirs.children):
        return [f"{path}: {len(ours.children)} children, not {len(theirs.children)}"]
    found: list[str] = []
    for mine, other in zip(ours.children, theirs.children, strict=True):
        found += _differences(mine, other, f"{path}/{other.local[:2]}")
    return found


def disagreements(data: bytes, path: str) -> list[str]:
    """Where the resolver and the symbol table differ on a file; none for one that either cannot read."""
    # With this import the symbol table leaves annotations out; the resolver counts what they mention.
    data = data.replace(b"from __future__ import annotations", b"annotations = 0")
    try:
        table = symtable.symtable(data.decode(), path, "exec")
        module = cst.parse_module(data)
    except (SyntaxError, UnicodeDecodeError, ValueError, cst.ParserSyntaxError):
        return []
    scopes = resolve(module)
    return _differences(_ours(scopes, scopes.module, _used(scopes)), _theirs(table))


@pytest.mark.parametrize("batch", _batches(), ids=lambda batch: f"{batch[0].stem}-and-{len(batch) - 1}-more")
def test_scopes_agree_with_the_symbol_table(batch: list[Path]) -> None:
    for path in batch:
        assert disagreements(path.read_bytes(), str(path)) == [], path
