"""The two data-flow problems over a control-flow graph, solved with integers as bit sets."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Generic, TypeVar

from rayinfer.facts.cfg import ENTRY, EXIT, BasicBlock, Graph, Point
from rayinfer.facts.events import STAR

D = TypeVar("D")


class Liveness:
    """Names that may be read before they are bound anew: a backward problem, one bit for each name.

    `del x` is no read: a group that nothing reads may be given up while its name is still bound, and deleting that name
    fails where it fails in the plain program, and nowhere else.
    """

    def __init__(self, graph: Graph, names: Iterable[str], at_exit: frozenset[str]) -> None:
        self._blocks = graph.blocks
        self._names = sorted(names)
        self._bit = {name: 1 << number for number, name in enumerate(self._names)}
        self._states: dict[int, list[int]] = {}
        read, kept = [], []
        for block in self._blocks:
            reads, keeps = self._transfer(block)
            read.append(reads)
            kept.append(keeps)
        read[EXIT] = sum(self._bit[name] for name in at_exit)
        self._entering = self._solve(read, kept)

    def at(self, points: Iterable[Point]) -> frozenset[str]:
        """The names that are live at any of the points."""
        live = 0
        for block, unit in points:
            live |= self._before(block)[unit]
        return frozenset(_members(live, self._names))

    def holds(self, points: Iterable[Point], name: str) -> bool:
        """Whether one name is live at any of the points."""
        return any(self._before(block)[unit] & self._bit[name] for block, unit in points)

    def _transfer(self, block: BasicBlock) -> tuple[int, int]:
        """Names that the block reads before it binds them, and a mask of those that it does not bind for sure."""
        reads = binds = 0
        for unit in reversed(block.units):
            for event in reversed(unit.events):
                if event.name == STAR:
                    continue
                bit = self._bit[event.name]
                if event.op == "load":
                    reads |= bit
                elif not event.maybe:
                    reads &= ~bit
                    binds |= bit
        return reads, ~binds

    def _solve(self, read: list[int], kept: list[int]) -> list[int]:
        ranks = _ranks(self._blocks)
        above: list[list[int]] = [[] for _ in self._blocks]
        for number, block in enumerate(self._blocks):
            for following in _following(block):
                above[following].append(number)
        entering = [0] * len(self._blocks)
        queue = sorted((-rank, number) for number, rank in enumerate(ranks))
        waiting = set(range(len(self._blocks)))
        while queue:
            number = heapq.heappop(queue)[1]
            waiting.discard(number)
            live = read[number] | (self._leaving(number, entering) & kept[number]) | self._raised(number, entering)
            if live != entering[number]:
                entering[number] = live
                for before in above[number]:
                    if before not in waiting:
                        waiting.add(before)
                        heapq.heappush(queue, (-ranks[before], before))
        return entering

    def _leaving(self, number: int, entering: list[int]) -> int:
        live = 0
        for following in self._blocks[number].successors:
            live |= entering[following]
        return live

    def _raised(self, number: int, entering: list[int]) -> int:
        block = self._blocks[number]
        return entering[block.handler] if block.handler is not None and block.units else 0

    def _before(self, number: int) -> list[int]:
        """What is live before each unit of the block, and at its end."""
        if number not in self._states:
            live = self._entering[EXIT] if number == EXIT else self._leaving(number, self._entering)
            raised = self._raised(number, self._entering)
            states = [live]
            for unit in reversed(self._blocks[number].units):
                reads, keeps = self._transfer(BasicBlock(None, [unit]))
                live = reads | (live & keeps) | raised
                states.append(live)
            states.reverse()
            self._states[number] = states
        return self._states[number]


class Reaching(Generic[D]):
    """Definitions that may have bound a name last: a forward problem, one bit for each definition.

    `definitions` lists each name's definitions, the first one made when the block starts; `writes` gives for each basic
    block and name the (unit, event, definition, may not happen) of each write.
    """

    def __init__(
        self,
        graph: Graph,
        definitions: Mapping[str, Sequence[D]],
        writes: Sequence[Mapping[str, Sequence[tuple[int, int, D, bool]]]],
    ) -> None:
        self._blocks = graph.blocks
        self._definitions = definitions
        self._first: dict[str, int] = {}
        self._bit: dict[D, int] = {}
        start = total = 0
        for name, several in definitions.items():
            self._first[name] = total
            start |= 1 << total
            for definition in several:
                self._bit[definition] = total
                total += 1
        self._entering = self._solve(start, [self._transfer(each) for each in writes])

    def entering(self, block: int, name: str) -> frozenset[D]:
        """The definitions of a name that may reach the start of a basic block."""
        several = self._definitions[name]
        bits = self._entering[block] >> self._first[name] & ((1 << len(several)) - 1)
        return frozenset(_members(bits, several))

    def _transfer(self, writes: Mapping[str, Sequence[tuple[int, int, D, bool]]]) -> tuple[int, int, int]:
        """Definitions that leave the block, a mask of those that it lets through, and all that it makes."""
        made = ended = passing = 0
        for name, several in writes.items():
            first, last = self._first[name], 0
            for _, _, definition, maybe in several:
                bit = 1 << (self._bit[definition] - first)
                passing |= bit << first
                last = last | bit if maybe else bit
            made |= last << first
            if not all(maybe for *_, maybe in several):
                ended |= ((1 << len(self._definitions[name])) - 1) << first
        return made, ~ended, passing

    def _solve(self, start: int, transfers: list[tuple[int, int, int]]) -> list[int]:
        ranks = _ranks(self._blocks)
        entering = [0] * len(self._blocks)
        entering[ENTRY] = start
        queue = [(ranks[ENTRY], ENTRY)]
        waiting, visited = {ENTRY}, {ENTRY}
        while queue:
            number = heapq.heappop(queue)[1]
            waiting.discard(number)
            made, kept, passing = transfers[number]
            block = self._blocks[number]
            incoming = entering[number]
            # Long integers are shared wherever nothing changes: most blocks bind few names.
            leaving = incoming & kept | made if passing else incoming
            raised = incoming | passing if passing else incoming
            for following, state in (
                *((each, leaving) for each in block.successors),
                *((each, raised) for each in _raising(block)),
            ):
                reached = entering[following] | state if entering[following] else state
                if reached != entering[following] or following not in visited:
                    entering[following] = reached
                    visited.add(following)
                    if following not in waiting:
                        waiting.add(following)
                        heapq.heappush(queue, (ranks[following], following))
        return entering


def _raising(block: BasicBlock) -> tuple[int, ...]:
    """Where an exception takes the block: an empty one cannot raise."""
    return () if block.handler is None or not block.units else (block.handler,)


def _following(block: BasicBlock) -> list[int]:
    return [*block.successors, *_raising(block)]


def _latest_first(block: BasicBlock) -> Iterator[int]:
    """What follows a block, so that a loop's body is ranked before what comes after the loop.

    Otherwise each loop would send its second round through the rest of the file.
    """
    return iter(sorted(_following(block), reverse=True))


def _ranks(blocks: Sequence[BasicBlock]) -> list[int]:
    """The reverse postorder of a depth-first walk; blocks that nothing reaches are walked last."""
    finished: list[int] = []
    seen: set[int] = set()
    for root in range(len(blocks)):
        if root in seen:
            continue
        seen.add(root)
        stack = [(root, _latest_first(blocks[root]))]
        while stack:
            number, rest = stack[-1]
            for following in rest:
                if following not in seen:
                    seen.add(following)
                    stack.append((following, _latest_first(blocks[following])))
                    break
            else:
                finished.append(number)
                stack.pop()
    ranks = [0] * len(blocks)
    for position, number in enumerate(reversed(finished)):
        ranks[number] = position
    return ranks


T = TypeVar("T")


def _members(bits: int, all_: Sequence[T]) -> Iterable[T]:
    """The elements whose bits are set."""
    digits = bin(bits)[:1:-1]
    at = digits.find("1")
    while at >= 0:
        yield all_[at]
        at = digits.find("1", at + 1)
