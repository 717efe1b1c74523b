"""What the flow analysis, the bytecode and beniget each say of a file's reads: the lines that may have bound them."""

from __future__ import annotations

import contextlib
import io
import warnings
from dataclasses import dataclass, field

import libcst as cst

from rayinfer.facts.flow import Definition, analyse
from rayinfer.facts.scopes import Scopes, resolve
from rayinfer.facts.walk import walk
from rayinfer.source.module import Source, parse
from tests.facts.bytecode import ENTRY, Pairs, Use, reaching


@dataclass
class Compared:
    """The outcome for one file: how many pairs of a definition and a use were seen, and the wrong ones.

    `missed` are pairs that the compiler has and the analysis has not; `disputed` those of them that beniget has, too.
    `overruled` counts the pairs of beniget that neither of them has.
    """

    pairs: int = 0
    ours: int = 0
    theirs: int = 0
    overruled: int = 0
    missed: list[tuple[Use, int]] = field(default_factory=list)
    disputed: list[tuple[Use, int]] = field(default_factory=list)


def compare(data: bytes, path: str) -> Compared | None:
    """Compare all three; None for a file that is not read, or whose names are read by `exec` or the like."""
    source = parse(data, path)
    scopes = resolve(source.module)
    if scopes.uses_dynamic_names or scopes.has_star_import:
        return None
    ours = by_analysis(source, scopes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compiled = reaching(compile(data, path, "exec", dont_inherit=True))
    result = Compared(ours=sum(map(len, ours.values())))
    for use, lines in compiled.items():
        if use in ours:
            result.pairs += len(lines)
            result.missed += [(use, line) for line in sorted(lines - ours[use])]
    for use, lines in by_beniget(data.decode()).items():
        if use in ours:
            result.theirs += len(lines)
            for line in lines - ours[use]:
                if line in compiled.get(use, ()):
                    result.disputed.append((use, line))
                else:
                    result.overruled += 1
    return result


def by_analysis(source: Source, scopes: Scopes) -> Pairs:
    """The reads that the analysis follows: names of a function or the module, in that code's own flow."""
    found: Pairs = {}
    blocks = [source.module, *(node for node in walk(source.module) if isinstance(node, cst.FunctionDef))]
    for block in blocks:
        flow = analyse(block, scopes)
        for name in scopes.names():
            if scopes.owner(name) is flow.scope and name in flow._loads:
                start = source.offsets(name)[0]
                line = source.line_at(start)
                column = len(source.text[source.line_start(line) : start].encode())
                lines: set[int] = set()
                for definition in flow.reaching(name):
                    lines |= _lines(definition, source)
                found[scopes.spelling(name), line, column] = lines
    return found


def _lines(definition: Definition, source: Source) -> set[int]:
    """Every line by which the others may know a definition."""
    if definition.kind in ("entry", "param"):
        line = {source.span(definition.node).line} if definition.kind == "param" else set()
        return {ENTRY} | line
    nodes = [definition.node] if definition.stmt is None else [definition.node, definition.stmt]
    found = {source.span(node).line for node in nodes}
    if definition.kind == "del" and isinstance(definition.stmt, cst.ExceptHandler | cst.ExceptStarHandler):
        # The compiler puts the end of `except ... as` on some line of the handler.
        found |= set(range(source.span(definition.stmt).line, source.span(definition.stmt).end_line + 1))
    if isinstance(definition.stmt, cst.FunctionDef | cst.ClassDef):
        found |= {source.span(decorator).line for decorator in definition.stmt.decorators}
    return found


def by_beniget(text: str) -> Pairs:
    """The def-use chains of beniget, for names that are assigned, imported or defined."""
    import beniget
    import gast

    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        chains = beniget.DefUseChains()
        try:
            chains.visit(gast.parse(text))
        except Exception:
            return {}  # it does not know every node of newer versions of Python
    found: Pairs = {}
    for node, definition in chains.chains.items():
        line = getattr(node, "lineno", None)
        if line is None or not isinstance(node, gast.Name | gast.FunctionDef | gast.AsyncFunctionDef | gast.ClassDef):
            continue
        name = node.id if isinstance(node, gast.Name) else node.name
        if isinstance(node, gast.Name) and isinstance(node.ctx, gast.Load):
            continue
        for user in definition.users():
            read = user.node
            if isinstance(read, gast.Name) and read.id == name and isinstance(read.ctx, gast.Load):
                found.setdefault((name, read.lineno, read.col_offset), set()).add(line)
    return found
