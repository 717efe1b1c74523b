"""Writes docs/gallery.md from the corpus: `python -m benchmarks.gallery`, `--measure` to time them."""

from __future__ import annotations

import argparse
import functools
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rayinfer.compiler import Compiled, compile_source, drawing
from rayinfer.ir.printer import format_graph
from rayinfer_cli.diff import unified

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "gallery.md"
TIMES = ROOT / "benchmarks" / "results" / "gallery.json"

HEAD = """\
# The gallery

<!-- Written by `make gallery` from the folders of corpus/; do not edit. -->

The programs of [the corpus](../corpus/README.md): for each what it shows, the IR that `rayinfer explain` prints, drawn
as `rayinfer graph` draws it, the diff that `rayinfer rewrite` prints, and a remark for each submission. In a drawing
cylinders are lists of actors, rounded boxes calls on them and rectangles tasks; arrows are dependencies, and the frames
are functions, loops and regions.
"""


@dataclass(frozen=True)
class Program:
    """One folder of the corpus, compiled."""

    name: str
    title: str
    text: str
    compiled: Compiled

    @property
    def inferred(self) -> int:
        """How many of its submissions are inferred."""
        return sum(group.status == "inferred" for group in self.compiled.groups)


@functools.cache
def programs() -> tuple[Program, ...]:
    """All programs of the corpus, by the names of their folders."""
    found = []
    for path in sorted((ROOT / "corpus").glob("*/plain.py")):
        title, _, text = path.with_name("README.md").read_text().partition("\n\n")
        compiled = compile_source(path.read_bytes(), path.relative_to(ROOT).as_posix())
        found.append(Program(path.parent.name, title.removeprefix("# "), text.partition("\n\n")[0].strip(), compiled))
    return tuple(found)


def page(found: Sequence[Program], times: dict[str, Any]) -> str:
    """The whole page; `times` is what TIMES holds, or empty."""
    measured = times.get("programs", {})
    rows = ["| program | inferred | plain | rewritten | ratio |", "|---|---|---|---|---|"]
    for program in found:
        seconds = _seconds(measured.get(program.name))
        of = f"{program.inferred} of {len(program.compiled.groups)}"
        rows.append(f"| [{program.title}](#{_anchor(program.title)}) | {of} | {' | '.join(seconds)} |")
    about = _how_measured(times["environment"]) if times else "No times were measured yet."
    sections = [_section(program, measured.get(program.name)) for program in found]
    return "\n".join([HEAD, about, "", *rows, "", *sections])


def read_times() -> dict[str, Any]:
    """The times as last measured; empty when there are none."""
    times: dict[str, Any] = json.loads(TIMES.read_text()) if TIMES.exists() else {}
    return times


def _section(program: Program, timed: dict[str, Any] | None) -> str:
    compiled = program.compiled
    path = compiled.path
    diff = unified(compiled.source, compiled.output, path).decode()
    ir = "\n".join(format_graph(graph) for graph in compiled.graphs)
    remarks = "".join(f"{r.line}:{r.column + 1}: {r.code} {r.message}\n" for r in compiled.remarks)
    parts = [f"## {program.title}", program.text, f"[{path}](../{path})"]
    if timed is not None:
        plain, rewritten, ratio = _seconds(timed)
        arguments = f" with `{timed['arguments']}`" if timed["arguments"] else ""
        parts.append(f"Plain {plain}, rewritten {rewritten}{arguments}: {ratio} times as fast.")
    if compiled.graphs:
        parts += [_fenced("text", ir), _fenced("mermaid", drawing(compiled, "mermaid"))]
    parts.append(_folded("The diff", _fenced("diff", diff)) if diff else "Nothing is rewritten.")
    parts.append(_folded("The remarks", _fenced("text", remarks)))
    return "\n\n".join(parts) + "\n"


def _seconds(timed: dict[str, Any] | None) -> tuple[str, str, str]:
    if timed is None:
        return "-", "-", "-"
    plain, rewritten = timed["plain"], timed["rewritten"]
    return f"{plain:.2f} s", f"{rewritten:.2f} s", f"{plain / rewritten:.2f}"


def _how_measured(about: dict[str, Any]) -> str:
    return (
        f"Times: the shortest of {about['rounds']} runs of each on {about['nodes']} raylets x {about['cpus_per_node']} "
        f"logical CPUs on a machine of {about['cores']} cores, by drivers that are connected and whose task workers "
        f"are started; starting actors is in it. The machine's load was {about['load']} meanwhile. "
        f"{about['date']}, Python {about['python']}, Ray {about['ray']}."
    )


def _anchor(title: str) -> str:
    kept = "".join(character for character in title.lower() if character.isalnum() or character in " -_")
    return kept.replace(" ", "-")


def _fenced(language: str, text: str) -> str:
    return f"```{language}\n{text.rstrip()}\n```"


def _folded(title: str, text: str) -> str:
    return f"<details>\n<summary>{title}</summary>\n\n{text}\n\n</details>"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure", action="store_true", help="time every program first, for some minutes")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each program when measuring")
    args = parser.parse_args()
    found = programs()
    if args.measure:
        from benchmarks.gallery_times import measure

        times = measure([program.name for program in found], args.rounds)
        TIMES.parent.mkdir(parents=True, exist_ok=True)
        TIMES.write_text(json.dumps(times, indent=1) + "\n")
    PAGE.write_text(page(found, read_times()))
    print(PAGE.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
