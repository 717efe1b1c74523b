"""Refuses, before LibCST sees it, what would exhaust its parser's stack, its memory or anybody's patience."""

from __future__ import annotations

import ast
import re

from rayinfer.source.lines import NEWLINE
from rayinfer.source.text import TOO_DEEP, UnanalysedError

# LibCST's parser works in native code that checks no depth: 20,000 terms joined by `and` end the process, 3,000 minus
# signs take seconds and half a gigabyte. Its code generation exhausts Python's stack well before this depth.
_MOST_LEVELS = 400
# The parser takes twice the time for each bracket around a pattern of `match`, and four times for each brace.
_DOUBLINGS = {"(": 1, "[": 1, "{": 2, ")": -1, "]": -1, "}": -2}
_MOST_DOUBLINGS = 14
_MATCH = re.compile(r"^[ \t\f]*match\b", re.MULTILINE)


def check_nesting(tree: ast.Module, text: str) -> None:
    """Checks how deep LibCST's tree of a file would be, from that of Python.

    Raises:
        UnanalysedError: when it is too deep to be analysed.
    """
    stack: list[tuple[ast.AST, int, int]] = [(tree, 0, 1)]
    while stack:
        node, depth, line = stack.pop()
        line = getattr(node, "lineno", line)
        depth += _levels(node)
        if depth > _MOST_LEVELS:
            raise UnanalysedError(TOO_DEEP, line, 0, "the code is nested too deeply to be analysed")
        stack.extend((child, depth, line) for child in ast.iter_child_nodes(node))
    if _MATCH.search(text) is not None:
        _check_patterns(tree, NEWLINE.split(text))


def _levels(node: ast.AST) -> int:
    """The levels that a node of Python's tree has in LibCST's, where some lists are chains."""
    if isinstance(node, ast.BoolOp):
        return len(node.values)
    if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return len(node.generators)
    if isinstance(node, ast.alias):
        return 1 + node.name.count(".")
    if isinstance(node, ast.ImportFrom) and node.module is not None:
        return 1 + node.module.count(".")
    return 1


def _check_patterns(tree: ast.Module, lines: list[str]) -> None:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Match):
            continue
        before: ast.expr | ast.stmt = node.subject
        for case in node.cases:
            # Python's tree does not show the parentheses: all brackets count between what is before and the body.
            doublings, last = 0, before.end_lineno or 1
            for character in "".join(lines[last - 1 : case.body[0].lineno]):
                doublings = max(doublings + _DOUBLINGS.get(character, 0), 0)
                if doublings > _MOST_DOUBLINGS:
                    line = case.pattern.lineno
                    raise UnanalysedError(TOO_DEEP, line, 0, "a pattern is nested too deeply to be analysed")
            before = case.body[-1]
