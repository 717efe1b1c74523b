"""The IR as one HTML page that needs nothing else: the groups in program order, dependencies as arcs beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from rayinfer.ir.drawing import KINDS, NOTHING, Arrow, Box, Drawn, arrows_of, frames_of
from rayinfer.ir.graph import Graph
from rayinfer.ir.nodes import InitActors, MapActors

# All lengths are in pixels; a character of the monospace font is taken to be as wide as the widest in common use.
CHARACTER, LINE, PAD, GAP, LABEL = 8, 18, 12, 10, 22

_STYLE = """
  :root { color-scheme: light dark; --ink: #1f2328; --paper: #ffffff; --faint: #8b949e; --box: #f6f8fa; }
  @media (prefers-color-scheme: dark) {
    :root { --ink: #e6edf3; --paper: #0d1117; --faint: #8b949e; --box: #161b22; }
  }
  body { font: 14px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2em; }
  svg { display: block; }
  svg text { font: 13px ui-monospace, monospace; fill: var(--ink); }
  .frame { fill: none; stroke: var(--faint); }
  .region { stroke-dasharray: 4 3; }
  .label { fill: var(--faint); }
  .box { fill: var(--box); stroke: var(--ink); }
  .actors-made { stroke-width: 2.5; }
  .arrow { fill: none; stroke-width: 1.5; }
  .one-to-one, .recurrence { stroke: #2f81f7; } .broadcast { stroke: #a371f7; stroke-dasharray: 5 3; }
  .group, .all-to-all { stroke: #d1742f; stroke-width: 3; } .actors { stroke: #3fb950; stroke-dasharray: 1 4; }
  .key span { display: inline-block; margin-right: 1.5em; } .key line { stroke-width: 3; }
"""


@dataclass
class _Sheet:
    """What is drawn so far, how far down it reaches, and where each box stands as (right edge, middle)."""

    width: float
    y: float = 0.0
    parts: list[str] = field(default_factory=list)
    places: dict[str, tuple[float, float]] = field(default_factory=dict)


def format_page(graphs: Sequence[Graph], title: str) -> str:
    """A whole page for the functions of one file; `title` is the file's name."""
    frames = frames_of(graphs)
    sheet = _Sheet(max((_width(frame) for frame in frames), default=0.0))
    for frame in frames:
        _draw(frame, 0.0, sheet.width, sheet)
    arcs, reach = _arcs(arrows_of(graphs), sheet)
    size = f'width="{sheet.width + reach:.0f}" height="{sheet.y:.0f}"'
    body = f"<p>{escape(NOTHING)}</p>"
    if graphs:
        body = f'{_key()}\n<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">\n'
        body += "\n".join([*sheet.parts, *arcs]) + "\n</svg>"
    head = f'<meta charset="utf-8">\n<title>{escape(title)}: inferred IR</title>\n<style>{_STYLE}</style>'
    return f'<!doctype html>\n<html lang="en">\n{head}\n<h1>{escape(title)}</h1>\n{body}\n</html>\n'


def _width(item: Drawn) -> float:
    if isinstance(item, Box):
        return max(len(item.title), len(item.body)) * CHARACTER + 2 * PAD
    inner = max((_width(one) for one in item.items), default=0.0)
    return max(len(item.label) * CHARACTER, inner) + 2 * PAD


def _draw(item: Drawn, x: float, width: float, sheet: _Sheet) -> None:
    top = sheet.y
    if isinstance(item, Box):
        height = 2 * LINE + PAD
        kind = "box actors-made" if isinstance(item.group, InitActors) else "box"
        sheet.parts.append(f"<g><title>{escape(item.text)}</title>{_rect(x, top, width, height, kind, _radius(item))}")
        sheet.parts.append(_text(x + PAD, top + LINE, item.title) + _text(x + PAD, top + 2 * LINE, item.body) + "</g>")
        sheet.places[item.key] = (x + width, top + height / 2)
        sheet.y = top + height + GAP
        return
    # The frame's height is known when its items are drawn, but it lies below them.
    place = len(sheet.parts)
    sheet.parts += ["", _text(x + PAD, top + LINE, item.label, "label")]
    sheet.y = top + LABEL + GAP / 2
    for inner in item.items:
        _draw(inner, x + PAD, width - 2 * PAD, sheet)
    sheet.parts[place] = _rect(x + 0.5, top + 0.5, width - 1, sheet.y - top - 1, f"frame {item.kind}", 4)
    sheet.y += GAP


def _arcs(arrows: Sequence[Arrow], sheet: _Sheet) -> tuple[list[str], float]:
    """The arcs, and how much room they take on the right."""
    arcs, reach = [], 0.0
    for arrow in arrows:
        (x1, y1), (x2, y2) = sheet.places[arrow.source], sheet.places[arrow.target]
        # A loop-carried group feeds itself.
        y1, y2 = (y1 - 8, y2 + 8) if arrow.source == arrow.target else (y1 + 5, y2 - 5)
        bend = 24 + min(abs(y2 - y1), 600) / 4
        far = max(x1, x2) + bend
        # The curve itself goes three quarters of the way to its control points.
        reach = max(reach, max(x1, x2) + bend * 3 / 4 + PAD - sheet.width)
        path = f"M{x1:.0f} {y1:.0f} C{far:.0f} {y1:.0f} {far:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"
        arcs.append(f'<path class="arrow {arrow.kind}" d="{path}"><title>{arrow.kind}</title></path>')
        if arrow.kind != "actors":
            head = f"M{x2 + 7:.0f} {y2 - 5:.0f} L{x2:.0f} {y2:.0f} L{x2 + 7:.0f} {y2 + 5:.0f}"
            arcs.append(f'<path class="arrow {arrow.kind}" style="stroke-dasharray:none" d="{head}"/>')
    return arcs, reach


def _key() -> str:
    lines = "".join(
        f'<span><svg width="40" height="8" style="display:inline"><line class="{kind}" x2="36" y1="4" y2="4"/></svg> '
        f"{kind}</span>"
        for kind in KINDS
    )
    return f'<p class="key">{lines}</p>'


def _radius(box: Box) -> int:
    return 12 if isinstance(box.group, MapActors | InitActors) else 2


def _rect(x: float, y: float, width: float, height: float, kind: str, radius: int) -> str:
    return f'<rect class="{kind}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{radius}"/>'


def _text(x: float, y: float, text: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:g}" y="{y:g}">{escape(text)}</text>'
