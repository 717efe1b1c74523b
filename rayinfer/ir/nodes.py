"""The nodes of the IR: one definition each, with source text as operands at compile time and values at run time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

# At compile time an operand is the source text of an expression; at run time it is a Python value.
Operand: TypeAlias = Any

# Stands among a slot's groups for something that is none of them: a list of the program's own, on some path.
OTHER = -1
# Of several results of each member, those that have the number of the member that takes them, and any of them.
OWN, ANY = "each", "some"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the user's file; lines count from 1, columns from 0, the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Value:
    """An argument that carries no dependency: a plain value, or a ref made outside the graph."""

    operand: Operand


@dataclass(frozen=True, slots=True)
class Each:
    """Member i takes member i of a group. Several groups stand for the alternatives at a control-flow join."""

    groups: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """A member takes one member of a group, but not the one of its own number: of a nested or filtered loop.

    Where that has several results, `part` says which one is taken, if it is always the same.
    """

    groups: tuple[int, ...]
    part: Operand = None


@dataclass(frozen=True, slots=True)
class Earlier:
    """A member takes one of those made before it, of its own group or of others: a wavefront over a grid, a tree.

    `part` is as for `Some`.
    """

    groups: tuple[int, ...]
    part: Operand = None


@dataclass(frozen=True, slots=True)
class Shared:
    """Every member takes the one result of a `Broadcast`."""

    groups: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class All:
    """Every member takes the results of all members of a group, each as an argument of its own (`*refs`).

    Where the group's tasks have several results each, `part` says which of them: a number, `OWN` or `ANY`.
    """

    groups: tuple[int, ...]
    part: Operand = None


@dataclass(frozen=True, slots=True)
class Refs:
    """Every member takes one list that holds the refs of all members of a group (`refs`); `part` is as for `All`."""

    groups: tuple[int, ...]
    part: Operand = None


Slot: TypeAlias = Value | Each | Some | Earlier | Shared | All | Refs


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of every member's call; `keyword` is None for a positional one, `**` for unpacked keywords."""

    slot: Slot
    keyword: str | None = None


@dataclass(frozen=True, slots=True)
class Members:
    """Members that another call adds to a group: a second `append` to the same list."""

    span: Span
    args: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A set of calls submitted together: what all nodes share; single assignment, numbered in program order.

    `args` is what the members take; those that further calls of the same task add are in `more`. As a node of its own
    it stands for a `Map` or an `InitActors`: which of them is seen when it runs.
    """

    id: int
    name: str | None
    task: Operand
    width: Operand
    args: tuple[Argument, ...] = ()
    span: Span | None = None
    more: tuple[Members, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True)
class Broadcast(Group):
    """One task whose ref every member of a later group takes; `width` is how many take it."""


@dataclass(frozen=True, slots=True)
class Map(Group):
    """A fan-out of one task: over the members of a group, or over plain values."""


@dataclass(frozen=True, slots=True)
class InitActors(Group):
    """A list of actors of one class; `task` is the class."""


@dataclass(frozen=True, slots=True)
class MapActors(Group):
    """One call of a method (`task`) on every actor of a list; `in_order` says that call i goes to actor i."""

    actors: tuple[int, ...] = ()
    over: Operand = None
    in_order: bool = True


@dataclass(frozen=True, slots=True)
class ReduceActors(MapActors):
    """One call of a method on every actor of a list, each of which takes a whole group."""


@dataclass(frozen=True, slots=True)
class Dependency:
    """What a group waits for, and on which groups.

    The kind is `one-to-one`, `group`, `recurrence` (on members of its own), `all-to-all`, `broadcast` or `none`.
    """

    kind: str
    groups: tuple[int, ...] = ()


_KIND_OF_SLOT = {
    Each: "one-to-one",
    Some: "group",
    Earlier: "recurrence",
    Shared: "broadcast",
    All: "all-to-all",
    Refs: "all-to-all",
}


def dependencies(group: Group) -> tuple[Dependency, ...]:
    """The dependencies that a group gives to the scheduler, in argument order, without repetition.

    A call on every actor of a known list depends one-to-one on the actors, unless it takes a whole group.
    """
    found: list[Dependency] = []
    for slot in slots_of(group):
        kind = _KIND_OF_SLOT.get(type(slot))
        if kind is not None and not isinstance(slot, Value):
            dependency = Dependency(kind, known(slot.groups))
            if dependency not in found:
                found.append(dependency)
    if isinstance(group, MapActors) and not isinstance(group, ReduceActors) and group.actors:
        found.append(Dependency("one-to-one" if group.in_order else "group", known(group.actors)))
    return tuple(found) or (Dependency("none"),)


def slots_of(group: Group) -> tuple[Slot, ...]:
    """What the members of a group take, those of all its calls."""
    return tuple(argument.slot for args in (group.args, *(more.args for more in group.more)) for argument in args)


def known(groups: tuple[int, ...]) -> tuple[int, ...]:
    """The groups among the alternatives of a slot, without `OTHER`."""
    return tuple(number for number in groups if number != OTHER)
