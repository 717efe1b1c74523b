"""`[tool.rayinfer]` of the nearest pyproject.toml: what is left out, what is not reported, and how programs run."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rayinfer_cli.inputs import STDIN

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

    from rayinfer.compiler import Compiled

BACKENDS = ("group", "vanilla", "inline")
_KEYS = ("backend", "exclude", "ignore", "per-file-ignores")


@dataclass(frozen=True)
class Settings:
    """What a project has chosen; patterns are those of .gitignore files, for paths below `folder`."""

    folder: str = ""
    backend: str | None = None
    exclude: GitIgnoreSpec | None = None
    ignore: frozenset[str] = frozenset()
    per_file: tuple[tuple[GitIgnoreSpec, frozenset[str]], ...] = ()

    def excludes(self, path: str, is_folder: bool = False) -> bool:
        """Whether a walk leaves out a file or folder."""
        inside = self._inside(path) if self.exclude is not None else None
        if self.exclude is None or inside is None:
            return False
        return self.exclude.match_file(f"{inside}/" if is_folder else inside)

    def shown(self, path: str, compiled: Compiled) -> Compiled:
        """What became of a file, with the remarks that are to be reported."""
        inside = self._inside(path) if self.per_file and path != STDIN else None
        ignored = set(self.ignore)
        if inside is not None:
            ignored.update(code for spec, codes in self.per_file if spec.match_file(inside) for code in codes)
        if not ignored:
            return compiled
        return replace(compiled, remarks=tuple(one for one in compiled.remarks if one.code not in ignored))

    def _inside(self, path: str) -> str | None:
        inside = os.path.relpath(os.path.abspath(path), self.folder).replace(os.sep, "/")
        return None if inside.startswith("../") else inside


def load(paths: Iterable[str]) -> Settings:
    """The settings for files and folders: of the nearest pyproject.toml above all of them that has any.

    Raises click.ClickException for a file that cannot be read, an unknown key, or a value of a wrong type.
    """
    for folder in _above(paths):
        file = folder / "pyproject.toml"
        try:
            data = file.read_bytes()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise _bad(file, f"it cannot be read: {error.strerror or error}") from None
        # Most of them are not for us, and need not be parsed.
        table = _table(file, data) if b"rayinfer" in data else None
        if table is not None:
            return _settings(file, table)
    return Settings()


def _above(paths: Iterable[str]) -> list[Path]:
    full = [Path.cwd() if path == STDIN else Path(os.path.abspath(path)) for path in paths]
    folders = [str(path if path.is_dir() else path.parent) for path in full]
    try:
        common = Path(os.path.commonpath(folders))
    except ValueError:  # on several drives
        common = Path.cwd()
    return [common, *common.parents]


def _table(file: Path, data: bytes) -> Any:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        tool = tomllib.loads(data.decode("utf-8")).get("tool")
    except ValueError as error:  # of TOML, or of UTF-8
        raise _bad(file, f"it is no TOML ({error}); correct it") from None
    return tool.get("rayinfer") if isinstance(tool, dict) else None


def _settings(file: Path, table: Any) -> Settings:
    if not isinstance(table, dict):
        raise _bad(file, "`tool.rayinfer` must be a table")
    for key in table:
        if key not in _KEYS:
            raise _bad(file, f"there is no setting `{key}`; the settings are {', '.join(_KEYS)}")
    backend = table.get("backend")
    if backend is not None and backend not in BACKENDS:
        raise _bad(file, f"`backend` must be one of {', '.join(BACKENDS)}")
    per_file = table.get("per-file-ignores", {})
    if not isinstance(per_file, dict):
        raise _bad(file, "`per-file-ignores` must be a table of patterns, each with a list of codes")
    return Settings(
        folder=str(file.parent),
        backend=backend,
        exclude=_spec(file, "exclude", _texts(file, "exclude", table.get("exclude", []))),
        ignore=_codes(file, "ignore", table.get("ignore", [])),
        per_file=tuple(
            (_spec(file, "per-file-ignores", [pattern]), _codes(file, f"per-file-ignores.{pattern}", codes))
            for pattern, codes in per_file.items()
        ),
    )


def _texts(file: Path, key: str, value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise _bad(file, f"`{key}` must be a list of strings")
    return value


def _spec(file: Path, key: str, patterns: list[str]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(patterns)
    except ValueError as error:
        raise _bad(file, f"`{key}` has a pattern that is none: {error}") from None


def _codes(file: Path, key: str, value: Any) -> frozenset[str]:
    from rayinfer.compiler import RULES, nearest

    codes = _texts(file, key, value)
    for code in codes:
        if code not in RULES:
            raise _bad(file, f"`{key}` has `{code}`, which is no code; the nearest are {', '.join(nearest(code))}")
        if RULES[code].kind not in ("missed", "analysis"):
            raise _bad(file, f"`{key}` has {code}, which is no finding; take it out")
    return frozenset(codes)


def _bad(file: Path, what: str) -> click.ClickException:
    return click.ClickException(f"{file}: [tool.rayinfer]: {what}.")
