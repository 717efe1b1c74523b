"""From the paths on the command line to the files they stand for."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rayinfer_cli.ignored import rules_above, skipped

STDIN = "-"
STDIN_NAME = "<stdin>"
Excludes = Callable[[str, bool], bool]


@dataclass(frozen=True)
class Source:
    """One file to work on: `name` is how messages call it, `below` its path inside the folder that was asked for."""

    path: str
    name: str
    below: str | None = None

    def read(self) -> bytes:
        """The file's bytes. Raises OSError."""
        if self.path == STDIN:
            return sys.stdin.buffer.read()
        return Path(self.path).read_bytes()

    def has_neighbours(self) -> bool:
        """Whether the files beside it are those that Python finds beside it: a link's are those beside its target."""
        return self.path != STDIN and not Path(self.path).is_symlink()


@dataclass(frozen=True)
class BadInput:
    """A path that cannot be worked on, with a sentence that says why and what to do."""

    message: str


def nothing(_path: str, _is_folder: bool) -> bool:
    """Excludes nothing."""
    return False


def collect(paths: tuple[str, ...], excludes: Excludes = nothing) -> Iterator[Source | BadInput]:
    """Give every file that `paths` name once, in order; folders are walked for `*.py`.

    `excludes(path, is_folder)` says what a walk leaves out beside what git ignores.
    """
    seen: set[str] = set()
    for path in paths:
        for found in _expand(path, excludes):
            key = found.message if isinstance(found, BadInput) else os.path.realpath(found.path)
            if key not in seen:
                seen.add(key)
                yield found


def read_file(path: str) -> bytes | None:
    """The bytes of a file that a program may import; None where there is none that can be read."""
    try:
        return Path(path).read_bytes() if Path(path).is_file() else None
    except OSError:
        return None


def unreadable(name: str, error: OSError) -> BadInput:
    """What to say about a file that the system will not let us read."""
    if isinstance(error, FileNotFoundError):
        return BadInput(f"{name}: no such file or folder; check the path")
    return BadInput(f"{name}: cannot be read: {error.strerror or error}; check the path and its permissions")


def _expand(path: str, excludes: Excludes) -> Iterator[Source | BadInput]:
    if path == STDIN:
        yield Source(STDIN, STDIN_NAME)
        return
    try:
        mode = Path(path).stat().st_mode
    except OSError as error:
        yield unreadable(path, error)
        return
    if not stat.S_ISDIR(mode):
        yield Source(path, path)
        return
    found: list[Source | BadInput] = list(_walk(path, nothing if excludes(path, True) else excludes))
    if not any(isinstance(one, Source) for one in found):
        found.append(BadInput(f"{path}: holds no Python files (*.py); name a file, or a folder that holds some"))
    yield from found


def _walk(folder: str, excludes: Excludes) -> Iterator[Source | BadInput]:
    problems: list[OSError] = []
    rules = {folder: rules_above(folder)}
    for parent, folders, files in os.walk(folder, onerror=problems.append):
        inside = rules.pop(parent).entering(parent, files)
        folders[:] = sorted(
            name
            for name in folders
            if not skipped(parent, name, inside) and not excludes(os.path.join(parent, name), True)
        )
        rules.update((os.path.join(parent, name), inside) for name in folders)
        for name in sorted(files):
            path = Path(parent, name)
            if path.suffix != ".py" or not (path.is_file() or path.is_symlink()):
                continue
            if not inside.ignore(str(path)) and not excludes(str(path), False):
                yield Source(str(path), str(path), str(path.relative_to(folder)))
    for problem in problems:
        yield unreadable(str(problem.filename), problem)
