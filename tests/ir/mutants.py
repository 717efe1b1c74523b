"""Every single change of a small set to an inferred graph: what the check of an executed graph must find."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from rayinfer.ir.graph import Block, Evaluation, Graph, Item
from rayinfer.ir.nodes import (
    All,
    Argument,
    Broadcast,
    Each,
    Earlier,
    Group,
    InitActors,
    Map,
    MapActors,
    ReduceActors,
    Refs,
    Shared,
    Slot,
    Some,
    Value,
)

_SLOTS = (Each, Some, Shared, All, Refs)


@dataclass(frozen=True)
class Mutant:
    """One changed graph: what was changed, in words, of what kind the change is, and in which item."""

    kind: str
    text: str
    graph: Graph
    item: Item
    changed: Item | None = None


def mutants(graph: Graph) -> Iterator[Mutant]:
    """Every mutant of a graph."""
    ids = [group.id for group in graph.groups()]
    for path, item in _items(graph.items):
        if isinstance(item, Group):
            yield from _of_group(graph, path, item, ids)
        elif isinstance(item, Evaluation) and not item.in_place:
            yield _mutant("evaluation dropped", graph, path, item, None)
            for index, name in enumerate(item.escaping):
                fewer = item.escaping[:index] + item.escaping[index + 1 :]
                yield _mutant("does not escape", graph, path, item, replace(item, escaping=fewer))
                yield _mutant("escapes as another", graph, path, item, _renamed(item, "escaping", index))
                yield _mutant("is kept", graph, path, item, replace(item, escaping=fewer, keep=(*item.keep, name)))
            for index in range(len(item.keep)):
                yield _mutant(
                    "not kept", graph, path, item, replace(item, keep=item.keep[:index] + item.keep[index + 1 :])
                )


def _renamed(item: Evaluation, field: str, index: int) -> Evaluation:
    names = list(getattr(item, field))
    names[index] = "another_name"
    return replace(item, **{field: tuple(names)})


def _of_group(graph: Graph, path: tuple[int, ...], group: Group, ids: list[int]) -> Iterator[Mutant]:
    yield _mutant("group dropped", graph, path, group, None)
    yield _mutant("other task", graph, path, group, replace(group, task="another_task"))
    if group.width is not None:
        yield _mutant("other width", graph, path, group, replace(group, width="1000003"))
        yield _mutant("other width", graph, path, group, replace(group, width=f"{group.width} + 1"))
    elif not isinstance(group, MapActors):
        yield _mutant("other width", graph, path, group, replace(group, width="1000003"))
    for kind in (Broadcast, Map, InitActors, MapActors):
        if type(group) is not kind and not (isinstance(group, ReduceActors) and kind is MapActors):
            fields = (group.id, group.name, group.task, group.width, group.args, group.span)
            yield _mutant("other kind", graph, path, group, kind(*fields))
    if isinstance(group, MapActors):
        for number in ids:
            if number not in group.actors and number < group.id:
                yield _mutant("other actors", graph, path, group, replace(group, actors=(number,)))
    for index, argument in enumerate(group.args):
        fewer = group.args[:index] + group.args[index + 1 :]
        yield _mutant("argument dropped", graph, path, group, replace(group, args=fewer))
        for kind, slot in _other_slots(argument.slot, [number for number in ids if number < group.id]):
            args = (*group.args[:index], replace(argument, slot=slot), *group.args[index + 1 :])
            yield _mutant(kind, graph, path, group, replace(group, args=args))
    yield _mutant("argument added", graph, path, group, replace(group, args=(*group.args, Argument(Value("one_more")))))


def _other_slots(slot: Slot, before: list[int]) -> Iterator[tuple[str, Slot]]:
    if isinstance(slot, Value):
        if not str(slot.operand).startswith("*"):
            yield "other constant", Value("'no such constant'")
            for number in before:
                yield from (("dependency added", kind((number,))) for kind in _SLOTS)
        return
    yield "dependency dropped", Value("a_value")
    yield from (("other dependency", kind(slot.groups)) for kind in _SLOTS if kind is not type(slot))
    if isinstance(slot, Some | Earlier) and slot.part is not None:
        yield "other result", replace(slot, part="1000003")
    yield from (("other group", type(slot)((number,))) for number in before if number not in slot.groups)


def _mutant(kind: str, graph: Graph, path: tuple[int, ...], item: Item, new: Item | None) -> Mutant:
    return Mutant(kind, f"{kind}: {item} -> {new}", replace(graph, items=_put(graph.items, path, new)), item, new)


def _items(items: tuple[Item, ...], path: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Item]]:
    for index, item in enumerate(items):
        yield (*path, index), item
        if isinstance(item, Block):
            yield from _items(item.items, (*path, index))


def _put(items: tuple[Item, ...], path: tuple[int, ...], new: Item | None) -> tuple[Item, ...]:
    index = path[0]
    old = items[index]
    if len(path) > 1:
        assert isinstance(old, Block)
        new = replace(old, items=_put(old.items, path[1:], new))
    return (*items[:index], *(() if new is None else (new,)), *items[index + 1 :])
