"""From the paths on the command line to the files they stand for."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

STDIN = "-"
STDIN_NAME = "<stdin>"
SKIPPED_FOLDERS = {"__pycache__", "node_modules", "site-packages"}


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


@dataclass(frozen=True)
class BadInput:
    """A path that cannot be worked on, with a sentence that says why and what to do."""

    message: str


def collect(paths: tuple[str, ...]) -> Iterator[Source | BadInput]:
    """Give every file that `paths` name once, in order; folders are walked for `*.py`."""
    seen: set[str] = set()
    for path in paths:
        for found in _expand(path):
            key = found.message if isinstance(found, BadInput) else os.path.realpath(found.path)
            if key not in seen:
                seen.add(key)
                yield found


def unreadable(name: str, error: OSError) -> BadInput:
    """What to say about a file that the system will not let us read."""
    if isinstance(error, FileNotFoundError):
        return BadInput(f"{name}: no such file or folder; check the path")
    return BadInput(f"{name}: cannot be read: {error.strerror or error}; check the path and its permissions")


def _expand(path: str) -> Iterator[Source | BadInput]:
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
    found: list[Source | BadInput] = list(_walk(path))
    if not any(isinstance(one, Source) for one in found):
        found.append(BadInput(f"{path}: holds no Python files (*.py); name a file, or a folder that holds some"))
    yield from found


def _walk(folder: str) -> Iterator[Source | BadInput]:
    problems: list[OSError] = []
    for parent, folders, files in os.walk(folder, onerror=problems.append):
        folders[:] = sorted(name for name in folders if not _skipped(parent, name))
        for name in sorted(files):
            path = Path(parent, name)
            if path.suffix == ".py" and (path.is_file() or path.is_symlink()):
                yield Source(str(path), str(path), str(path.relative_to(folder)))
    for problem in problems:
        yield unreadable(str(problem.filename), problem)


def _skipped(parent: str, name: str) -> bool:
    return name.startswith(".") or name in SKIPPED_FOLDERS or Path(parent, name, "pyvenv.cfg").exists()
