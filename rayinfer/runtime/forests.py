"""Forests: single tasks that take one another, chains and trees, many of which run as one call."""

from __future__ import annotations

import functools
import pickle
import weakref
from collections.abc import Sequence
from typing import Any

import ray

from rayinfer.passes import forests
from rayinfer.placement import ClusterView
from rayinfer.runtime import carriers, forest_worker, tracker
from rayinfer.runtime.bundles import Chain, accepted, chain_of
from rayinfer.runtime.calls import Call, Member, operands, resolved_call
from rayinfer.runtime.grids import Part
from rayinfer.runtime.nodes import Node
from rayinfer.runtime.regions import Batch
from rayinfer.runtime.tasks import info
from rayinfer.runtime.tiles import LONGEST_SECONDS, MOST_SUBMIT_SECONDS, NEWEST, TILE_SECONDS

# A task is measured together with those that it takes, as long as they are no more than these.
_MOST_MEASURED = 16
# Per task: the seconds that it takes.
_seconds: weakref.WeakKeyDictionary[Chain, float] = weakref.WeakKeyDictionary()


def nodes_of(batch: Batch, view: ClusterView) -> dict[Node, Chain]:
    """The groups of single tasks that may run as pieces, with their chains of one step; none where none take others.

    They do nothing but compute, take plain values and each other, and of what they give only `batch.wanted` is seen.
    """
    found: dict[Node, Chain] = {}
    for node in dict.fromkeys(run[0] for run in batch.runs if run[0] in batch.singles):
        if node.kind != "Map" or node.offset or node.sources.unfusible or node.sources.whole:
            continue
        if node in batch.wanted or node in batch.dead:
            chain = _chain(node, view)
            if chain is not None:
                found[node] = chain
    while wrong := [node for node in found if not found.keys() >= node.sources.by_node.keys()]:
        for node in wrong:
            del found[node]
    return found if any(node.sources.by_node for node in found) else {}


def _chain(node: Node, view: ClusterView) -> Chain | None:
    known = info(node.task)
    if known.fusible is None or view.room(known.cpus) < 1 or not accepted([node], [known]):
        return None
    args = (arg for call in node.calls for arg in operands(call))
    if not all(type(arg) is Member or carriers.is_small(arg) for arg in args):
        return None
    chain = chain_of([node], [known])
    return chain if chain is not None and chain.returns == 1 and carriers.may_be_carried([node], chain) else None


class Forest:
    """The tasks of some groups of a batch, in program order, and what each of them gave so far."""

    def __init__(self, batch: Batch, chains: dict[Node, Chain], cpus: int) -> None:
        self.chains, self.cpus = chains, cpus
        self.tasks: list[tuple[Node, Call]] = []
        self.numbers: dict[Node, list[int]] = {node: [] for node in chains}
        self.seen: set[int] = set()
        for node, start, stop in batch.runs:
            if node in chains:
                for index in range(start, stop):
                    self.numbers[node].append(len(self.tasks))
                    if index in batch.wanted.get(node, ()):
                        self.seen.add(len(self.tasks))
                    self.tasks.append((node, node.calls[index]))
        for node in {*batch.singles} - chains.keys():
            for call in node.calls:
                self.seen.update(self._number(arg) for arg in _members(call) if arg.node in chains)
        self.takes = [[self._number(arg) for arg in _members(call)] for _, call in self.tasks]
        self.taken = {number for some in self.takes for number in some}
        self.results: list[Any] = [None] * len(self.tasks)

    def submit(self) -> str:
        """Submit all of them; the mode that they went in."""
        try:
            pieces = self._pieces() if self._measure() else []
            mode = "pieces" if any(len(piece) > 1 for piece in pieces) else "plain"
            if mode == "pieces":
                for number, piece in enumerate(pieces):
                    self._piece(piece, timed=number == len(pieces) // 2)
            else:
                self._plainly()
        finally:
            # What was submitted before one raised.
            for node, numbers in self.numbers.items():
                done = [self.results[number] for number in numbers]
                done = done[: done.index(None)] if None in done else done
                node.refs.extend(done)
                node.placement.extend([None] * len(done))
        return mode

    def _number(self, member: Member) -> int:
        return self.numbers[member.node][member.index]

    def _measure(self) -> bool:
        """Whether it is known how long every task takes; the first of those of which it is not are measured."""
        waits = MOST_SUBMIT_SECONDS * len(self.tasks)
        for node, chain in self.chains.items():
            if _seconds.get(chain, LONGEST_SECONDS) < LONGEST_SECONDS or not self.numbers[node]:
                continue
            first = self.numbers[node][0]
            piece = self._above(first) if self.results[first] is None else None
            if piece is None:
                return False
            took = self._piece(piece, timed=True, is_seen=True)
            if ray.wait([took], timeout=waits, fetch_local=False)[0]:
                tracker.prune()
            found = tracker.result(took) if chain in _seconds else None
            if found is None or found[1]:
                # What failed cannot be passed on as a value.
                return False
        return True

    def _above(self, root: int) -> list[int] | None:
        """A task after those that it takes and that are not submitted yet; None for too many, or if others take one."""
        found: dict[int, None] = {}
        work = [root]
        while work:
            number = work[-1]
            missing = [taken for taken in self.takes[number] if taken not in found and self.results[taken] is None]
            if not missing:
                found[work.pop()] = None
            elif len(work) + len(found) > _MOST_MEASURED:
                return None
            else:
                work.append(missing[0])
        inner = found.keys() - {root}
        others = (taken for number, some in enumerate(self.takes) if number not in found for taken in some)
        return list(found) if inner.isdisjoint(self.seen) and inner.isdisjoint(others) else None

    def _pieces(self) -> list[list[int]]:
        left = [number for number in range(len(self.tasks)) if self.results[number] is None]
        place = {number: at for at, number in enumerate(left)}
        tasks = [
            forests.Task(
                [place[taken] for taken in self.takes[number] if taken in place],
                _seconds[self.chains[self.tasks[number][0]]],
                info(self.tasks[number][0].task).fusible,
                number in self.seen,
            )
            for number in left
        ]
        found = forests.pieces(tasks, self.cpus, TILE_SECONDS, MOST_SUBMIT_SECONDS, LONGEST_SECONDS)
        return [[left[at] for at in piece] for piece in found]

    def _plainly(self) -> None:
        for number, (node, call) in enumerate(self.tasks):
            if self.results[number] is None:
                args, kwargs = resolved_call(self._given(call))
                self.results[number] = node.task.remote(*args, **kwargs)

    def _given(self, call: Call) -> Call:
        """A call with what its members gave, which their nodes do not have yet."""
        args = tuple(self._real(arg) for arg in call.args)
        return Call(*args, **{key: self._real(arg) for key, arg in call.kwargs.items()})

    def _real(self, arg: Any) -> Any:
        if type(arg) is not Member:
            return arg
        found = self.results[self._number(arg)]
        return found.ref() if type(found) is Part else found

    def _piece(self, piece: Sequence[int], timed: bool, is_seen: bool = False) -> Any:
        """Submit one piece, whose result may be real though others take it; the ref to how long its tasks took."""
        root = piece[-1]
        inside = {number: at for at, number in enumerate(piece)}
        carried: dict[Any, int] = {}
        chains = {self.chains[self.tasks[number][0]]: None for number in piece}
        which = {chain: at for at, chain in enumerate(chains)}
        packed: list[Any] = []
        for number in piece:
            node, call = self.tasks[number]
            sources: list[tuple[int, Any]] = []
            for arg in operands(call):
                if type(arg) is not Member:
                    sources.append((forest_worker.OWN, arg))
                elif (taken := self._number(arg)) in inside:
                    sources.append((forest_worker.INNER, inside[taken]))
                else:
                    given = self.results[taken]
                    kind = forest_worker.CARRIED if type(given) is Part else forest_worker.GIVEN
                    held = given.carrier if type(given) is Part else given
                    sources.append((kind, carried.setdefault(held, len(carried))))
            packed.append((which[self.chains[node]], tuple(sources), tuple(call.kwargs)))
        chain = self.chains[self.tasks[root][0]]
        plainly = is_seen or (root in self.seen and root not in self.taken)
        expected = sum(_seconds.get(self.chains[self.tasks[number][0]], 0.0) for number in piece)
        ref, took = chain.runner("run_piece", forest_worker, 2).remote(
            [(one.name, one.pickled[0]) for one in chains],
            pickle.dumps(packed, 5),
            chain.options(),
            expected,
            plainly,
            *carried,
        )
        for number in piece:
            self.results[number] = Part(ref, inside[number])
        self.results[root] = ref if plainly else Part(ref, 0)
        if timed:
            tracker.track(took, functools.partial(_learn, list(chains), took))
        return took


def _members(call: Call) -> list[Member]:
    return [arg for arg in operands(call) if type(arg) is Member]


def _learn(chains: Sequence[Chain], took: Any, _waited: float) -> None:
    """Note how long tasks took, from the ref to that: at once where it is less than was thought."""
    found = tracker.result(took)
    for number, seconds, count in found[0] if found is not None else ():
        newest = seconds / count
        before = _seconds.get(chains[number], newest)
        _seconds[chains[number]] = min(newest, before + NEWEST * (newest - before))
