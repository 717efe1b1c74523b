"""What a case's `.expected` file holds: the rewritten source, the IR and the remarks."""

from __future__ import annotations

from pathlib import Path

from rayinfer.compiler import Compiled, compile_source
from rayinfer.ir.printer import format_graph
from rayinfer.source.text import decode

HERE = Path(__file__).parent
CHANGE = sorted((HERE / "change").glob("*.py"))
KEEP = sorted((HERE / "keep").glob("*.py"))
CASES = CHANGE + KEEP


def compiled(path: Path) -> Compiled:
    """A case's file through the compiler, named by its path below this folder."""
    return compile_source(path.read_bytes(), path.relative_to(HERE).as_posix())


def expected_path(case: Path) -> Path:
    """Where a case's expected text is kept."""
    return case.with_suffix(".expected")


def describe(result: Compiled) -> str:
    """The expected text of a case; characters that an editor would not show are written as escapes."""
    parts = [_visible(result.output, result.path) if result.changed else "unchanged\n"]
    parts += ["=== IR\n", *(format_graph(graph) for graph in result.graphs)]
    parts.append("=== remarks\n")
    parts += [f"{r.line}:{r.column + 1} {r.code} {r.message}\n" for r in result.remarks]
    return "".join(parts)


def _visible(data: bytes, path: str) -> str:
    text = decode(data, path)[0]
    if data.startswith(b"\xef\xbb\xbf"):
        text = "\\ufeff" + text
    for character, escape in (("\r", "\\r"), ("\f", "\\f"), ("\t", "\\t")):
        text = text.replace(character, escape)
    return text if text.endswith("\n") else text + "\\no newline\n"
