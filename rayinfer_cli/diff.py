"""Unified diffs over bytes, which `patch` and `git apply` take whatever the encoding and the line ends."""

from __future__ import annotations

import difflib
import os
from pathlib import Path

import click

NO_NEWLINE = b"\n\\ No newline at end of file\n"
COLOURS = ((b"+++", {"bold": True}), (b"---", {"bold": True}), (b"@@", {"fg": "cyan"}))


def unified(before: bytes, after: bytes, name: str) -> bytes:
    """The diff from `before` to `after`, empty when they are equal; `name` is the file's path."""
    label = os.fsencode(_label(name))
    lines = difflib.diff_bytes(
        difflib.unified_diff, _lines(before), _lines(after), b"a/" + label, b"b/" + label, lineterm=b"\n"
    )
    return b"".join(line if line.endswith(b"\n") else line + NO_NEWLINE for line in lines)


def coloured(diff: bytes) -> str:
    """The diff for a terminal."""
    return "".join(_coloured_line(line) for line in _lines(diff))


def _lines(data: bytes) -> list[bytes]:
    # Not bytes.splitlines: patch knows no line end but \n, and a lone \r must stay inside its line.
    pieces = data.split(b"\n")
    return [piece + b"\n" for piece in pieces[:-1]] + ([pieces[-1]] if pieces[-1] else [])


def _label(name: str) -> str:
    path = Path(name)
    if path.is_absolute() and path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    return str(path).lstrip("/")


def _coloured_line(line: bytes) -> str:
    text = line.decode("utf-8", "replace")
    for start, style in COLOURS:
        if line.startswith(start):
            return click.style(text, **style)
    if line.startswith(b"+"):
        return click.style(text, fg="green")
    return click.style(text, fg="red") if line.startswith(b"-") else text
