"""Long files are parsed in pieces: LibCST's parser takes more time for each line, the longer a text is."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from itertools import pairwise

import libcst as cst

from rayinfer.source.lines import line_starts

# Pieces are some times shorter than files for which cutting is worth it.
LONG, PIECE = 3_000, 1_000
_INDENTED = re.compile(r"(?m)^[ \t]+[^\s#]")


def parse_in_pieces(text: str, lines: Sequence[int]) -> cst.Module | None:
    """The CST of a long text that is cut before these lines; None where it is to be parsed as a whole.

    Whether the pieces together are the text, the caller sees when it writes them back.
    """
    starts = line_starts(text)
    if len(starts) < LONG:
        return None
    cuts = [0, *(starts[line - 1] for line in lines), len(text)]
    pieces = [text[one:two] for one, two in pairwise(cuts)]
    try:
        modules = [cst.parse_module(piece) for piece in pieces]
    except (cst.ParserSyntaxError, RecursionError):
        return None  # the error is to name the place in the whole
    indents = {m.default_indent for m, piece in zip(modules, pieces, strict=True) if _INDENTED.search(piece)}
    if len(indents) > 1 or len({module.default_newline for module in modules}) > 1:
        return None
    body: list[cst.SimpleStatementLine | cst.BaseCompoundStatement] = []
    between: list[cst.EmptyLine] = []
    for module in modules:
        if not module.body:
            return None
        first, *rest = module.body
        if body:
            above = (*between, *module.header, *first.leading_lines)
            first = first.with_changes(leading_lines=above)
        body += [first, *rest]
        between = list(module.footer)
    indent = indents.pop() if indents else modules[0].default_indent
    newline = modules[-1].has_trailing_newline
    return modules[0].with_changes(body=body, footer=between, default_indent=indent, has_trailing_newline=newline)


def cuts_of(tree: ast.Module) -> list[int]:
    """The lines (from 1) on which a piece may start: those of top-level statements that share no line with others."""
    found = []
    last, end = 1, 1
    for statement in tree.body:
        decorators = getattr(statement, "decorator_list", ())
        line = min([statement.lineno, *(each.lineno for each in decorators)])
        if line > end and line - last >= PIECE:
            found.append(line)
            last = line
        end = statement.end_lineno or line
    return found
