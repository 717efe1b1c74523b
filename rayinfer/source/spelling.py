"""Refuses files in which one name is spelt in several ways, which Python takes for the same and LibCST does not."""

from __future__ import annotations

import ast
import re
import unicodedata

from rayinfer.source.text import NOT_ANALYSED, UnanalysedError

# Whatever may be a part of a name, and what else beyond ASCII stands next to it.
_WORD = re.compile(r"[\w\x80-\U0010ffff]+")


def check_spelling(tree: ast.Module, text: str) -> None:
    """Checks that every name is spelt as Python sees it: it brings names to the normal form NFKC.

    Raises:
        UnanalysedError: when one is not.
    """
    if text.isascii():
        return
    odd = {match[0]: match.start() for match in _WORD.finditer(text) if not unicodedata.is_normalized("NFKC", match[0])}
    if not odd:
        return
    names = _names(tree)
    for word, at in odd.items():
        name = unicodedata.normalize("NFKC", word)
        if name in names:
            line_start = text.rfind("\n", 0, at) + 1
            line = text.count("\n", 0, at) + 1
            raise UnanalysedError(NOT_ANALYSED, line, at - line_start, f"Python reads `{word}` as the name `{name}`")


def _names(tree: ast.Module) -> set[str]:
    """All names that a tree binds, reads, imports or gives to arguments and attributes."""
    found: set[str] = set()
    for node in ast.walk(tree):
        for field, value in ast.iter_fields(node):
            if isinstance(value, str) and field != "value":
                found.update(value.split("."))
            elif isinstance(value, list):
                found.update(each for each in value if isinstance(each, str))
    return found
