"""Tiles: members of a group that take earlier ones of their own group, many of which run as one call."""

from __future__ import annotations

import functools
import pickle
import time
import weakref
from collections.abc import Sequence
from typing import Any

import ray
from ray import cloudpickle

from rayinfer.passes import tiling
from rayinfer.placement import ClusterView
from rayinfer.runtime import rayprivate, tile_worker, tracker, watcher
from rayinfer.runtime.ahead import reads_constants
from rayinfer.runtime.bundles import Chain, accepted, chain_of
from rayinfer.runtime.calls import Call, Member, operands
from rayinfer.runtime.grids import Part
from rayinfer.runtime.modes import LEASE_SECONDS
from rayinfer.runtime.nodes import Node
from rayinfer.runtime.outside import may_come_together
from rayinfer.runtime.slices import CALL_SECONDS
from rayinfer.runtime.tasks import info
from rayinfer.runtime.values import ATOMIC, is_array

# What a tile costs besides its members: a call, and a worker lease, since no two tiles take the same objects.
TILE_SECONDS = CALL_SECONDS + LEASE_SECONDS
# A tile runs for this many seconds at most: what it costs is then small, and the next wave waits no longer.
LONGEST_SECONDS = 25 * TILE_SECONDS
# For the first of its members to end, a group is held back no longer than a driver would need to submit all of them.
MOST_SUBMIT_SECONDS = 0.0002
# How much of the newest measurement enters the running mean of a member's duration.
NEWEST = 0.5
# Per task: the seconds that a member took, and whether that was one alone, which may have had to import what it uses.
_seconds: weakref.WeakKeyDictionary[Chain, tuple[float, bool]] = weakref.WeakKeyDictionary()
# Per task and side of its tiles: the seconds that a batch took at least, divided by its members.
_took: weakref.WeakKeyDictionary[Chain, dict[int, float]] = weakref.WeakKeyDictionary()


def submit(node: Node, start: int, count: int, view: ClusterView) -> bool:
    """Submit `count` members from number `start` on as tiles; False, and nothing done, where they go one by one."""
    chain = _chain(node)
    if chain is None:
        return False
    calls = node.calls[start - node.offset :][:count]
    cpus = cpus_of(view, chain)
    members = [_members(call) for call in calls]
    cells = _cells(node, start, count)
    if cpus < 1 or cells is None or any(type(node.refs[m]) is not Part for some in members for m in some if m < start):
        return False
    takes = [[m - start for m in some if m >= start] for some in members]
    walked = tiling.skewed(cells, takes[: len(cells)])
    # A tile waits for all that its members take by refs, and fails with it.
    if walked is None or not may_come_together(calls, node.into):
        return False
    _Batch(node, start, calls, takes, chain).submit(walked, cpus)
    return True


def _chain(node: Node) -> Chain | None:
    """The chain of one step of a group in a tiled grid whose members may run in tiles."""
    if node.kind != "Map" or node.sources.unfusible:
        return None
    if node.sources.whole or any(source is not node for source in node.sources.by_node):
        return None
    task = info(node.task)
    function = rayprivate.function_of(node.task)
    if task.fusible is None or function is None or not reads_constants(function) or not accepted([node], [task]):
        return None
    return chain_of([node], [task])


def _members(call: Call) -> list[int]:
    """The members of its own group that a call takes."""
    args = operands(call)
    return [arg.index for arg in args if type(arg) is Member]


def _cells(node: Node, start: int, count: int) -> list[tuple[int, ...]] | None:
    """Where the members of a batch are in their grid; None where that is no place of whole numbers.

    The last one may be missing: it has just been made, and is not in its cell yet.
    """
    found = [key if type(key) is tuple else (key,) for key in node.keys[start : start + count]]
    return found if all(type(part) is int for key in found for part in key) else None


class _Batch:
    """Members that are submitted at once, and where what each of them gives will be."""

    def __init__(self, node: Node, start: int, calls: Sequence[Call], takes: list[list[int]], chain: Chain) -> None:
        self.node, self.start, self.calls, self.takes, self.chain = node, start, calls, takes, chain
        self.parts: list[Any] = [None] * len(calls)

    def submit(self, cells: list[tuple[int, ...]], cpus: int) -> None:
        """Submit the members, of which the first are in `cells`, on a cluster with so many CPUs."""
        first = 0
        if cells and _seconds.get(self.chain) is None:
            took = self._tile([0], 0.0, timed=True)
            first = 1
            if ray.wait([took], timeout=MOST_SUBMIT_SECONDS * len(cells), fetch_local=False)[0]:
                _learn(self.chain, took, True, 0.0)
        rest = cells[first:]
        length, began = length_of(rest, cpus, self.chain), time.monotonic()
        found = [[first + m for m in tile] for tile in tiling.tiles(rest, length)]
        found += [[m] for m in range(len(cells), len(self.calls))]
        seconds, _ = _seconds.get(self.chain, (0.0, True))
        for number, tile in enumerate(found):
            self._tile(tile, seconds * len(tile), timed=number == len(found) // 2)
        if len(found) > 1:
            # The last tile ends behind all that it takes.
            last = self.parts[found[-1][0]].carrier
            tracker.track(last, functools.partial(_note, self.chain, length, len(self.calls) - first, began))
        self.node.refs.extend(self.parts)
        self.node.placement.extend([None] * len(self.parts))

    def _tile(self, tile: list[int], expected: float, timed: bool) -> Any:
        """Submit one tile; the ref to how many seconds a member of it took, where it is timed."""
        inside = {member: number for number, member in enumerate(tile)}
        carriers: dict[Any, int] = {}
        # Each once: Ray brings it to where the tile runs.
        given: dict[Any, int] = {}
        members = [self._packed(member, inside, carriers, given) for member in tile]
        taken = self._taken_elsewhere(tile, inside)
        packed = pickle.dumps((members, taken, len(given)), 5)
        others = sorted(set(range(len(tile))).difference(taken))
        held = [part for part in (taken, others) if part]
        returns = len(held) + timed
        refs = self.chain.runner("run_tile", tile_worker, returns).remote(
            self.chain.pickled[0], packed, self.chain.options(), expected, returns, *carriers, *given
        )
        refs = refs if returns > 1 else [refs]
        for ref, part in zip(refs, held, strict=False):
            for place, number in enumerate(part):
                self.parts[tile[number]] = Part(ref, place)
        if timed:
            tracker.track(refs[-1], functools.partial(_learn, self.chain, refs[-1], len(tile) == 1))
        return refs[-1]

    def _packed(self, member: int, inside: dict[int, int], carriers: dict[Any, int], given: dict[Any, int]) -> Any:
        """One member as `run_tile` takes it."""
        call = self.calls[member]
        sources: list[tuple[int, ...]] = []
        own: list[Any] = []
        for arg in operands(call):
            if type(arg) is ray.ObjectRef:
                sources.append((tile_worker.GIVEN, given.setdefault(arg, len(given))))
                continue
            if type(arg) is not Member:
                sources.append((tile_worker.OWN,))
                own.append(arg)
                continue
            number = arg.index - self.start
            if number in inside:
                sources.append((tile_worker.INNER, inside[number]))
                continue
            part: Part = self.parts[number] if number >= 0 else self.node.refs[arg.index]
            sources.append((tile_worker.CARRIED, carriers.setdefault(part.carrier, len(carriers)), part.index))
        return (tuple(sources), tuple(call.kwargs), *_pickled(own))

    def _taken_elsewhere(self, tile: list[int], inside: dict[int, int]) -> list[int]:
        """The members of a tile that members outside of it take, by their number in it."""
        return [number for member, number in inside.items() if any(u not in inside for u in self._users[member])]

    @functools.cached_property
    def _users(self) -> list[list[int]]:
        users: list[list[int]] = [[] for _ in self.calls]
        for member, some in enumerate(self.takes):
            for taken in some:
                users[taken].append(member)
        return users


def cpus_of(view: ClusterView, chain: Chain) -> int:
    """How many tiles the cluster runs at a time."""
    return view.room(chain.cpus)


def length_of(cells: list[tuple[int, ...]], cpus: int, chain: Chain) -> int:
    """How long the sides of tiles are to be: 1 as long as it is not known how long a member takes."""
    known = _seconds.get(chain)
    if known is None or not cells:
        return 1
    took = {length: each * len(cells) for length, each in _took.get(chain, {}).items()}
    return tiling.side(cells, cpus, known[0], TILE_SECONDS, LONGEST_SECONDS, took)


def _pickled(values: list[Any]) -> tuple[bytes, list[bytes]]:
    buffers: list[pickle.PickleBuffer] = []
    plain = all(type(value) in ATOMIC or is_array(value) for value in values)
    dumps = pickle.dumps if plain else cloudpickle.dumps
    data: bytes = dumps(values, protocol=5, buffer_callback=buffers.append)
    return data, [bytes(buffer.raw()) for buffer in buffers]


def _learn(chain: Chain, took: Any, alone: bool, _waited: float) -> None:
    """Note how long a member took, from the ref to it; nothing when its worker died."""
    newest = tracker.result(took)
    if newest is None:
        return
    before, was_alone = _seconds.get(chain, (newest, alone))
    if was_alone and not alone:
        _seconds[chain] = newest, False
    elif was_alone or not alone:
        _seconds[chain] = before + NEWEST * (newest - before), alone


def _note(chain: Chain, length: int, members: int, began: float, _waited: float) -> None:
    """Note how long a batch took at least, which was seen to be over a look of the tracker late at most."""
    newest = max(0.0, time.monotonic() - began - watcher.LOOK_SECONDS) / members
    took = _took.setdefault(chain, {})
    before = took.get(length, newest)
    took[length] = before + NEWEST * (newest - before)
