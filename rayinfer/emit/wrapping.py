"""Breaks the lines that an edit made longer than a file's lines are, inside the brackets that the edit brought."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from itertools import pairwise

from rayinfer.source.lines import NEWLINE

# What formatters leave alone in most files, and what is too wide for a review whatever else a file holds.
_WIDTH, _MOST_WIDTH = 88, 120
_NODES = r"Map|MapActors|InitActors|ReduceActors|Group|Broadcast|evaluate|get|passed|passed_each|ahead(?=\(\()"
# A line break in one of these may change a value, or be no Python.
_STRING = re.compile(r"""'{3}|"{3}|\b(?:f|fr|rf|t|tr|rt)['"]""", re.IGNORECASE)


def wrap(text: str, line_map: Sequence[int], alias: str, original: str) -> tuple[str, tuple[int, ...]]:
    """A rewritten text with its long lines broken, and for each of its lines the line of the user's file.

    A line counts as long when `original`, the user's text, has none of its length, within bounds. Nothing is broken
    where that would change what Python reads.
    """
    width = max(_WIDTH, min(max(map(len, NEWLINE.split(original))), _MOST_WIDTH))
    node = re.compile(rf"\b{alias}\.(?:{_NODES})\(")
    lines: list[str] = []
    origins: list[int] = []
    at = 0
    for end, origin in zip([*(m.end() for m in NEWLINE.finditer(text)), len(text)], line_map, strict=True):
        line = text[at:end]
        at = end
        code = line.rstrip("\r\n")
        parts = _broken(code, node, width) if _STRING.search(code) is None else [code]
        ending = line[len(code) :]
        lines += [part + (ending or "\n") for part in parts[:-1]] + [parts[-1] + ending]
        origins += [origin] * len(parts)
    result = "".join(lines)
    if result == text or ast.dump(ast.parse(result)) != ast.dump(ast.parse(text)):
        return text, tuple(line_map)
    return result, tuple(origins)


def _broken(line: str, node: re.Pattern[str], width: int) -> list[str]:
    """The lines that a long line becomes: the first node's arguments stand on one line, or on one each."""
    found = node.search(line) if len(line) > width else None
    arguments = _arguments(line, found.start()) if found is not None else None
    if found is None or arguments is None:
        return [line]
    texts, close = arguments
    indent = line[: len(line) - len(line.lstrip())]
    inner = indent + ("\t" if indent.endswith("\t") else "    ")
    together = inner + ", ".join(texts)
    rows = [together] if len(together) <= width or len(texts) == 1 else [f"{inner}{text}," for text in texts]
    broken = [part for row in rows for part in _broken(row, node, width)]
    return [line[: found.end()], *broken, *_broken(indent + line[close:], node, width)]


def _arguments(line: str, start: int) -> tuple[list[str], int] | None:
    """The texts of the arguments of the call that starts in a line, and where it closes; None where it does not."""
    for close in (match.start() for match in re.finditer(r"\)", line)):
        if close < start:
            continue
        try:
            call = ast.parse(line[start : close + 1], mode="eval").body
        except SyntaxError:
            continue
        assert isinstance(call, ast.Call)
        parts: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
        if not parts:
            return None
        # Python counts columns in bytes, and leaves out the parentheses around an argument.
        data = line[start:].encode()
        spans = [(part.col_offset, part.end_col_offset or 0) for part in parts]
        commas = [data.index(b",", one[1], two[0]) for one, two in pairwise(spans)]
        first = data.index(b"(", call.func.end_col_offset or 0) + 1
        last = len(line[start:close].encode())
        cuts = zip([first, *(comma + 1 for comma in commas)], [*commas, last], strict=True)
        return [data[one:two].decode().strip().removesuffix(",") for one, two in cuts], close
    return None
