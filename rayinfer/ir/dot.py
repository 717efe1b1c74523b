"""The IR as DOT text for Graphviz."""

from __future__ import annotations

from collections.abc import Sequence

from rayinfer.ir.drawing import NOTHING, Box, Drawn, arrows_of, frames_of
from rayinfer.ir.graph import Graph
from rayinfer.ir.nodes import InitActors, MapActors

_ARROWS = {
    "one-to-one": "style=solid",
    "broadcast": "style=dashed",
    "all-to-all": "style=bold",
    "group": "style=bold",
    "recurrence": "style=solid",
    "actors": "style=dotted, dir=none",
}


def format_dot(graphs: Sequence[Graph]) -> str:
    """A digraph of all functions; syntax: https://graphviz.org/doc/info/lang.html.

    Lists of actors are cylinders, calls on them are rounded, tasks are rectangles.
    """
    lines = ["digraph ir {", '  node [shape=box, fontname="monospace"];', '  graph [fontname="monospace"];']
    for frame in frames_of(graphs):
        _format(frame, 1, lines)
    for arrow in arrows_of(graphs):
        lines.append(f'  {arrow.source} -> {arrow.target} [label="{arrow.kind}", {_ARROWS[arrow.kind]}];')
    if not graphs:
        lines.append(f"  nothing [label={_quoted(NOTHING)}];")
    return "\n".join([*lines, "}"]) + "\n"


def _format(item: Drawn, depth: int, lines: list[str]) -> None:
    indent = "  " * depth
    if isinstance(item, Box):
        lines.append(f"{indent}{item.key} [label={_quoted(item.title, item.body)}{_shape(item)}];")
        return
    lines.append(f"{indent}subgraph cluster_{item.key} {{")
    lines.append(f"{indent}  label={_quoted(item.label)};")
    for inner in item.items:
        _format(inner, depth + 1, lines)
    lines.append(f"{indent}}}")


def _shape(box: Box) -> str:
    if isinstance(box.group, InitActors):
        return ", shape=cylinder"
    return ", style=rounded" if isinstance(box.group, MapActors) else ""


def _quoted(*lines: str) -> str:
    escaped = [" ".join(line.split()).replace("\\", "\\\\").replace('"', '\\"') for line in lines]
    return '"' + "\\n".join(escaped) + '"'
