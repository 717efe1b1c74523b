"""The IR as Mermaid text, which GitHub and most documentation tools draw."""

from __future__ import annotations

from collections.abc import Sequence

from rayinfer.ir.drawing import NOTHING, Box, Drawn, arrows_of, frames_of
from rayinfer.ir.graph import Graph
from rayinfer.ir.nodes import InitActors, MapActors

_ARROWS = {
    "one-to-one": "-->",
    "recurrence": "-->",
    "broadcast": "-.->",
    "all-to-all": "==>",
    "group": "==>",
    "actors": "-.-",
}


def format_mermaid(graphs: Sequence[Graph]) -> str:
    """A flowchart of all functions; syntax: https://mermaid.js.org/syntax/flowchart.html.

    Lists of actors are cylinders, calls on them are rounded, tasks are rectangles.
    """
    lines = ["flowchart TD"]
    for frame in frames_of(graphs):
        _format(frame, 1, lines)
    for arrow in arrows_of(graphs):
        lines.append(f"  {arrow.source} {_ARROWS[arrow.kind]}|{arrow.kind}| {arrow.target}")
    if not graphs:
        lines.append(f"  nothing[{_quoted(NOTHING)}]")
    return "\n".join(lines) + "\n"


def _format(item: Drawn, depth: int, lines: list[str]) -> None:
    indent = "  " * depth
    if isinstance(item, Box):
        left, right = _shape(item)
        text = f"{_escaped(item.title)}<br/>{_escaped(item.body)}"
        lines.append(f'{indent}{item.key}{left}"{text}"{right}')
        return
    lines.append(f"{indent}subgraph {item.key}[{_quoted(item.label)}]")
    for inner in item.items:
        _format(inner, depth + 1, lines)
    lines.append(f"{indent}end")


def _shape(box: Box) -> tuple[str, str]:
    if isinstance(box.group, InitActors):
        return "[(", ")]"
    return ("(", ")") if isinstance(box.group, MapActors) else ("[", "]")


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    # Inside quotes everything is text but quotes, markup, entities, and %% which begins a comment. What looks like
    # Markdown (`backticks`, **bold**, a number and a dot) is only taken as such between "` and `".
    text = " ".join(text.split())
    for character, entity in (("#", "#35;"), ('"', "#quot;"), ("<", "#lt;"), (">", "#gt;"), ("&", "#amp;")):
        text = text.replace(character, entity)
    return text.replace("%%", "#37;#37;").replace("`", "#96;")
