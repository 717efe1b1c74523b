"""What all drawings of the IR share: a function's boxes and frames in program order, and the arrows between boxes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rayinfer.ir.graph import Block, Evaluation, Graph, Item
from rayinfer.ir.nodes import Group, MapActors, dependencies
from rayinfer.ir.printer import format_group

NOTHING = "no group was inferred"
# An arrow's kind: those of `dependencies`, and `actors` from a list of actors to the calls on it.
KINDS = ("one-to-one", "group", "broadcast", "all-to-all", "actors")


@dataclass(frozen=True, slots=True)
class Box:
    """One group: `key` is unique in the drawing, `title` its number and name, `body` its node and task."""

    key: str
    group: Group
    title: str
    body: str
    text: str


@dataclass(frozen=True, slots=True)
class Frame:
    """A function, a loop or branch, or a region, around what stands in it; `kind` says which."""

    key: str
    kind: str
    label: str
    items: tuple[Box | Frame, ...]


Drawn: TypeAlias = Box | Frame


@dataclass(frozen=True, slots=True)
class Arrow:
    """A dependency from one box to another, by their keys."""

    source: str
    target: str
    kind: str


def frames_of(graphs: Sequence[Graph]) -> tuple[Frame, ...]:
    """One frame per function, with its loops, branches and regions nested as in the program."""
    return tuple(
        Frame(
            f"f{number}",
            "function",
            f"{graph.function}, line {graph.line}",
            _drawn(graph.items, f"f{number}", f"f{number}"),
        )
        for number, graph in enumerate(graphs)
    )


def arrows_of(graphs: Sequence[Graph]) -> tuple[Arrow, ...]:
    """The arrows of all functions, in the order of their targets, none twice."""
    found: dict[Arrow, None] = {}
    for number, graph in enumerate(graphs):
        for group in graph.groups():
            target = _key(f"f{number}", group.id)
            for source, kind in _sources(group):
                found[Arrow(_key(f"f{number}", source), target, kind)] = None
    return tuple(found)


def boxes_of(items: Sequence[Drawn]) -> Iterator[Box]:
    """The boxes inside of frames, in program order."""
    for item in items:
        if isinstance(item, Box):
            yield item
        else:
            yield from boxes_of(item.items)


def _sources(group: Group) -> Iterator[tuple[int, str]]:
    actors = group.actors if isinstance(group, MapActors) else ()
    for dependency in dependencies(group):
        if dependency.groups != actors:
            for number in dependency.groups:
                yield number, dependency.kind
    for number in actors:
        yield number, "actors"


def _key(function: str, number: int) -> str:
    return f"{function}n{number}"


def _drawn(items: Sequence[Item], function: str, key: str) -> tuple[Drawn, ...]:
    """The items of one block: what an evaluation ends is framed as a region when a group of this block is in it."""
    drawn: list[Drawn] = []
    open_items: list[Drawn] = []
    for number, item in enumerate(items):
        if isinstance(item, Evaluation):
            if any(isinstance(one, Box) for one in open_items):
                drawn.append(Frame(f"{key}r{number}", "region", _label(item), tuple(open_items)))
            else:
                drawn += open_items
            open_items = []
        elif isinstance(item, Block):
            inner = f"{key}b{number}"
            open_items.append(Frame(inner, "block", item.header, _drawn(item.items, function, inner)))
        else:
            open_items.append(_box(item, function))
    return (*drawn, *open_items)


def _label(evaluation: Evaluation) -> str:
    return f"evaluated at line {evaluation.line}: {evaluation.reason}"


def _box(group: Group, function: str) -> Box:
    title = f"%{group.id} {group.name}" if group.name else f"%{group.id}"
    line = f", line {group.span.line}" if group.span is not None else ""
    body = f"{type(group).__name__} {' '.join(str(group.task).split())}{line}"
    return Box(_key(function, group.id), group, title, body, format_group(group))
