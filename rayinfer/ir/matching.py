"""Whether the arguments of an executed call are an instance of the inferred ones."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from rayinfer.ir.nodes import OTHER, OWN, All, Argument, Each, Earlier, Refs, Shared, Slot, Some, Value
from rayinfer.ir.printer import format_argument

_LONGEST_CONSTANT = 60


@dataclass(slots=True)
class Known:
    """What executed groups stand for: their inferred numbers and their widths, and which of the inferred have escaped.

    The program's executed groups are known by number in every call; what has escaped is told of one call of a function.
    """

    stands_for: dict[int, frozenset[int]]
    widths: dict[int, int]
    escaped: set[int]

    def forget(self, number: int) -> None:
        """Nothing can take this group any more."""
        self.stands_for.pop(number, None)
        self.widths.pop(number, None)

    def copy(self) -> Known:
        """The same, to be gone back to."""
        return Known(dict(self.stands_for), dict(self.widths), set(self.escaped))

    def restore(self, before: Known) -> None:
        """Go back to what was known before; its first two are those of all calls."""
        self.escaped = set(before.escaped)
        for own, earlier in ((self.stands_for, before.stands_for), (self.widths, before.widths)):
            own.clear()
            own.update(earlier)  # type: ignore[arg-type]

    def width(self, slot: Each | Some | All) -> int:
        """How many members the group of an executed slot has."""
        return self.widths.get(slot.groups[0], 0)

    def is_empty(self, inferred: tuple[int, ...]) -> bool:
        """Whether an executed group that is an instance of one of these has no members."""
        sources = (number for number, of in self.stands_for.items() if not of.isdisjoint(inferred))
        return any(self.widths[number] == 0 for number in sources)

    def is_one_of(self, executed: tuple[int, ...], inferred: tuple[int, ...]) -> bool:
        """Whether executed groups are instances of the inferred alternatives.

        The name of a group that has escaped holds a list of the program's own, in which there may be anything.
        """
        if not executed:
            return not inferred or OTHER in inferred or not self.escaped.isdisjoint(inferred)
        return all(not self.stands_for.get(number, frozenset()).isdisjoint(inferred) for number in executed)


def argument_difference(inferred: Sequence[Argument], executed: Sequence[Argument], known: Known) -> str | None:
    """How one executed argument list is no instance of the inferred one; None when it is."""
    named = {a.keyword: a for a in inferred if a.keyword is not None and a.keyword != "**"}
    unpacks = any(a.keyword == "**" for a in inferred)
    given = {a.keyword: a for a in executed if a.keyword is not None}
    for keyword, argument in named.items():
        if keyword not in given or not _is_instance(argument.slot, given[keyword].slot, known):
            return f"the argument {format_argument(argument)} was {_text(given, keyword)}"
    for keyword, argument in given.items():
        if keyword not in named and not (unpacks and isinstance(argument.slot, Value)):
            return f"the argument {format_argument(argument)} was not inferred"
    wanted = [a.slot for a in inferred if a.keyword is None]
    found = [a.slot for a in executed if a.keyword is None]
    if not any(isinstance(slot, All) for slot in wanted):
        # Members in a row that happen to be a whole group.
        found = [s for slot in found for s in _members(slot, known)]
    if not _follows(wanted, found, known):
        texts = ", ".join(format_argument(a) for a in executed)
        return f"the arguments ({', '.join(format_argument(a) for a in inferred)}) were ({texts})"
    return None


def _members(slot: Slot, known: Known) -> list[Slot]:
    """A whole group as its members."""
    return [slot] * known.width(slot) if isinstance(slot, All) and slot.part is None else [slot]


def shown(value: object) -> str:
    """A constant as an executed graph shows it: short, and the same for equal constants of one type."""
    text = repr(value)
    return text if len(text) <= _LONGEST_CONSTANT else f"{text[:_LONGEST_CONSTANT]}... ({len(text)})"


def _text(given: dict[str, Argument], keyword: str) -> str:
    return format_argument(given[keyword]) if keyword in given else "not given"


def _follows(wanted: Sequence[Slot], found: Sequence[Slot], known: Known) -> bool:
    """Whether positional arguments are as inferred; `*values` takes any number of plain ones."""
    # places[j]: whether what is wanted so far may have taken the first j arguments.
    places = {0}
    for slot in wanted:
        after: set[int] = set()
        for start in places:
            if isinstance(slot, Value) and str(slot.operand).startswith("*"):
                after |= _plain_run(found, start)
            elif isinstance(slot, All):
                after |= _whole(slot, found, start, known)
            elif start < len(found) and _is_instance(slot, found[start], known):
                after.add(start + 1)
        places = after
    return len(found) in places


def _plain_run(found: Sequence[Slot], start: int) -> set[int]:
    stop = start
    while stop < len(found) and isinstance(found[stop], Value):
        stop += 1
    return set(range(start, stop + 1))


def _whole(slot: All, found: Sequence[Slot], start: int, known: Known) -> set[int]:
    """Where all members of a group may end in a list of arguments, from `start` on."""
    sources = {number for number, of in known.stands_for.items() if not of.isdisjoint(slot.groups)}
    ends = {start} if known.is_empty(slot.groups) else set()
    if OTHER in slot.groups or not known.escaped.isdisjoint(slot.groups):
        ends |= _plain_run(found, start)
    if start < len(found):
        first = found[start]
        if isinstance(first, All):
            ends |= {start + 1} if first.groups[0] in sources and _is_part(slot, first) else set()
        elif slot.part is None and (isinstance(first, Each | Some) and known.width(first) == 1):
            ends |= {start + 1} if first.groups[0] in sources else set()
    return ends


_MAY_BE: dict[type[Slot], tuple[type[Slot], ...]] = {
    Each: (Each, All),
    # Members that are filtered may keep their numbers all the same.
    Some: (Each, Some, All),
    Earlier: (Earlier, Each, Some, All),
    Shared: (Shared,),
    Refs: (Refs,),
    All: (All,),
}


def _is_instance(inferred: Slot, executed: Slot, known: Known) -> bool:
    if isinstance(inferred, Value):
        return isinstance(executed, Value) and _is_constant(inferred.operand, executed.operand)
    if isinstance(executed, Value):
        empty = isinstance(inferred, Refs) and inferred.part is not None and known.is_empty(inferred.groups)
        return empty or known.is_one_of((), inferred.groups)
    if not _is_part(inferred, executed):
        return False
    return isinstance(executed, _MAY_BE[type(inferred)]) and known.is_one_of(executed.groups, inferred.groups)


def _is_part(inferred: Slot, executed: Slot) -> bool:
    """Whether the part that was taken of each result may be the inferred one."""
    wanted = inferred.part if isinstance(inferred, Some | Earlier | All | Refs) else None
    found = executed.part if isinstance(executed, Some | Earlier | All | Refs) else None
    if wanted is None and isinstance(inferred, Some | Earlier) and isinstance(executed, Some | Earlier):
        # Which one is not told.
        return True
    if wanted is None or found is None:
        return wanted is found
    # How many results there are is not known, and so is which one is counted from the end.
    from_end = wanted.strip().startswith("-")
    return found == OWN or from_end or (wanted != OWN and _is_constant(wanted, found))


def _is_constant(source: str, value: str) -> bool:
    """Whether a value may be that of an expression: a constant is what it says."""
    try:
        constant = ast.literal_eval(source.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return True
    return not isinstance(constant, bool | int | float | str | bytes | None) or shown(constant) == value
