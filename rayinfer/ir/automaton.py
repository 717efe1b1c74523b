"""The orders in which a graph's groups and evaluations may be executed, as a finite automaton.

Loops repeat, branches are skipped, `break` and `continue` leave a loop's body at the end of a region, exceptions leave
a `try` or `with` anywhere. Built as Glushkov's automaton: a state is the item that was executed last.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from rayinfer.ir.graph import Block, Evaluation, Graph, Item
from rayinfer.ir.nodes import Group
from rayinfer.ir.printer import format_group

_BEGIN = -1
START = frozenset((_BEGIN,))
_LOOPS = ("for ", "for(", "while ", "while(", "async for ")
_LEFT_BY_EXCEPTIONS = ("try", "except", "else of a try", "with ", "with(", "async with ")
_Ends = frozenset[int]


class Automaton:
    """The states of one function's graph: its items but the pairs that are evaluated in place, by position.

    A get that passes values on comes between regions, and is looked for by its line.
    """

    def __init__(self, graph: Graph) -> None:
        self._items: list[Group | Evaluation] = []
        self._in_place: list[Group] = []
        self._follow: dict[int, set[int]] = {_BEGIN: set()}
        first, _, _ = self._sequence(graph.items)
        self._follow[_BEGIN] |= first

    def groups(self) -> Iterator[tuple[Group, bool]]:
        """The groups of the graph, each with whether it is evaluated in place."""
        yield from ((item, False) for item in self._items if isinstance(item, Group))
        yield from ((group, True) for group in self._in_place)

    def after(self, states: frozenset[int], groups: Collection[int]) -> frozenset[int]:
        """The states after one of `groups` was made; none when none of them may come next."""
        return frozenset(s for s, item in self._next(states) if isinstance(item, Group) and item.id in groups)

    def evaluations(self, states: frozenset[int]) -> list[tuple[int, Evaluation]]:
        """The evaluations that may come next, each with its state."""
        return [(state, item) for state, item in self._next(states) if isinstance(item, Evaluation)]

    def expected(self, states: frozenset[int]) -> list[str]:
        """What may come next, in words."""
        return [
            format_group(item) if isinstance(item, Group) else f"the evaluation before line {item.line}"
            for _, item in self._next(states)
        ]

    def number(self, state: int) -> int:
        """The number of the group that a state stands for."""
        item = self._items[state]
        assert isinstance(item, Group)
        return item.id

    def named(self, names: Collection[str]) -> frozenset[int]:
        """The groups that go by one of these names."""
        return frozenset(item.id for item in self._items if isinstance(item, Group) and item.name in names)

    def _next(self, states: frozenset[int]) -> list[tuple[int, Group | Evaluation]]:
        following = sorted(set().union(*(self._follow[state] for state in states)))
        return [(state, self._items[state]) for state in following]

    def _sequence(self, items: Sequence[Item]) -> tuple[_Ends, _Ends, bool]:
        """The first and last states of items in a row, and whether nothing of them may be executed."""
        first: _Ends = frozenset()
        last: _Ends = frozenset()
        empty = True
        items = [item for item in items if not isinstance(item, Evaluation) or not item.passed]
        for item, following in zip(items, (*items[1:], None), strict=bool(items)):
            if isinstance(item, Group) and isinstance(following, Evaluation) and following.in_place:
                self._in_place.append(item)
                continue
            if isinstance(item, Evaluation) and item.in_place:
                continue
            begins, ends, skipped = self._block(item) if isinstance(item, Block) else self._state(item)
            for state in last:
                self._follow[state] |= begins
            first = first | begins if empty else first
            last = last | ends if skipped else ends
            empty = empty and skipped
        return first, last, empty

    def _state(self, item: Group | Evaluation) -> tuple[_Ends, _Ends, bool]:
        state = len(self._items)
        self._items.append(item)
        self._follow[state] = set()
        return frozenset((state,)), frozenset((state,)), False

    def _block(self, block: Block) -> tuple[_Ends, _Ends, bool]:
        start = len(self._items)
        first, last, _ = self._sequence(block.items)
        inside = range(start, len(self._items))
        if block.header.startswith(_LOOPS):
            # What leaves or restarts a loop's body ends the region before it.
            last |= {state for state in inside if isinstance(self._items[state], Evaluation)}
            if block.regroups:
                first = last = frozenset(inside)
            for state in last:
                self._follow[state] |= first
        elif block.header.startswith(_LEFT_BY_EXCEPTIONS):
            last |= set(inside)
        return first, last, True
