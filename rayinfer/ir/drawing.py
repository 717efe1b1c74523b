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
KINDS = ("one-to-one", "group", "recurrence", "broadcast", "all-to-all", "actors")


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
    """The items of one block; those that are pending where an evaluation stands are framed as its region."""
    drawn: list[Drawn] = []
    pending: list[Drawn] = []
    for number, item in enumerate(items):
        if isinstance(item, Evaluation) and item.passed:
            continue
        if isinstance(item, Evaluation):
            drawn += [Frame(f"{key}r{number}", "region", _label(item), tuple(pending))] if pending else []
            pending = []
        elif isinstance(item, Block):
            inner = f"{key}b{number}"
            inside = _drawn(item.items, function, inner)
            if item.items and not inside:
                continue  # nothing but gets that pass values on
            pending.append(Frame(inner, "block", item.header, inside))
            if not _is_pending(item):
                drawn += pending
                pending = []
        else:
            pending.append(_box(item, function))
    return (*drawn, *pending)


def _is_pending(block: Block) -> bool:
    """Whether a group of the block waits at its end for an evaluation further down."""
    last = next((item for item in reversed(block.items) if not isinstance(item, Block) or item.items), None)
    return _is_pending(last) if isinstance(last, Block) else isinstance(last, Group)


def _label(evaluation: Evaluation) -> str:
    return f"evaluated at line {evaluation.line}: {evaluation.reason}"


def _box(group: Group, function: str) -> Box:
    title = f"%{group.id} {group.name}" if group.name else f"%{group.id}"
    line = f", line {group.span.line}" if group.span is not None else ""
    body = f"{type(group).__name__} {' '.join(str(group.task).split())}{line}"
    return Box(_key(function, group.id), group, title, body, format_group(group))
