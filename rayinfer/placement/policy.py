"""The study's placement policy: pack on the group a member depends on, colocate one-to-one, else least loaded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rayinfer.placement.history import History, Request
from rayinfer.placement.view import PER_CPU, ClusterView, Ints


def place(view: ClusterView, history: History, request: Request) -> list[str | None]:
    """Choose a node for every member of `request`, record it in `history`, and return the node ids.

    None stands for a member that is left to Ray: beyond the free capacity of the cluster a pinned member would queue
    on a busy node. The order of preference is that of the study's pseudocode (edoakes/ray-graph), but that members
    which find room at their own input are seated before others spill onto their CPUs, and that nobody takes over a CPU
    from a group of which some still wait for one: what is sent to a node would overtake what Ray queues.
    """
    if any(history.waits(group) for group in request.after):
        history.record_all(request.group, [None] * request.width, request.cpus)
        return [None] * request.width
    room = _Room(view, history, request)
    chosen = np.full(request.width, -1, dtype=np.int64)
    wanted = _of_tasks(view, history, request)
    if wanted is not None:
        seated = room.seat(wanted)
        chosen[seated] = wanted[seated]
    rest = np.flatnonzero(chosen < 0)
    if len(rest):
        if request.depends:
            group = history.nodes_of(request.on_group) if request.on_group is not None else []
            nodes = room.pack(dict.fromkeys([*group, *history.nodes_of(request.group)]), len(rest))
        else:
            nodes = room.spread(len(rest))
        chosen[rest[: len(nodes)]] = nodes
    placed = [view.names[i] if i >= 0 else None for i in chosen.tolist()]
    history.record_all(request.group, placed, request.cpus)
    return placed


def _of_tasks(view: ClusterView, history: History, request: Request) -> Ints | None:
    """The position of the node of the one task that each member depends on; -1 where there is none."""
    if request.matching is not None:
        source, first = request.matching
        found = history.placements.get(source, [])[first : first + request.width]
        found = [*found, *[None] * (request.width - len(found))]
    elif request.on_task is not None:
        found = [history.node_of(task) for task in request.on_task]
    else:
        return None
    return np.array([view.order.get(node, -1) if node is not None else -1 for node in found], dtype=np.int64)


def seats(wanted: Ints, free: Ints) -> NDArray[np.bool_]:
    """Which members find room on the node that each wants (-1: none), in member order; `free` is the room per node."""
    fits = np.zeros(len(wanted), dtype=bool)
    if len(free):
        order = np.argsort(wanted, kind="stable")
        ordered = wanted[order]
        rank = np.arange(len(wanted)) - np.searchsorted(ordered, ordered)
        fits[order] = (ordered >= 0) & (rank < free[ordered])
    return fits


class _Room:
    """How many members of a request each node may still take; nodes stand by their position in the view."""

    def __init__(self, view: ClusterView, history: History, request: Request) -> None:
        self.order = view.order
        self.cpus = view.units
        self.step = round(request.cpus * PER_CPU)
        # A member without CPUs of its own (an actor) still packs as one per CPU, as in the study.
        weight = self.step or PER_CPU
        own = self._counted(Counter(history.placements.get(request.group, ()))).astype(np.int64) * weight
        self.free = np.maximum((self.cpus - own) // weight, 0)
        self.used = self._summed(history.load)
        for group in request.after:
            self.used -= self._summed(history.running.get(group, {}))
        if self.step:
            self.free = np.minimum(self.free, np.maximum((self.cpus - self.used) // self.step, 0))
        else:
            self.used += own
            self.step = weight

    def seat(self, wanted: Ints) -> NDArray[np.bool_]:
        """Which members find room on the node that each wants; these then take it."""
        fits = seats(wanted, self.free)
        taken = np.bincount(wanted[fits], minlength=len(self.free))
        self.free -= taken
        self.used += taken * self.step
        return fits

    def pack(self, first: Iterable[str], count: int) -> Ints:
        """Fill node after node with `count` members: those named first, then the least loaded."""
        named = np.array([self.order[node] for node in first if node in self.order], dtype=np.int64)
        nodes = named
        if self.free[named].sum() < count:
            least = np.argsort(self.used / self.cpus, kind="stable")
            nodes = np.concatenate((named, least[~np.isin(least, named)]))
        free = self.free[nodes]
        return np.repeat(nodes, np.clip(count - (np.cumsum(free) - free), 0, free))

    def spread(self, count: int) -> Ints:
        """Give each of `count` members in turn to the node that is then the least loaded."""
        nodes = np.flatnonzero(self.free)
        if len(nodes) > count:
            # In as many turns nobody gets to the others.
            nodes = np.sort(nodes[np.argsort(self.used[nodes] / self.cpus[nodes], kind="stable")[:count]])
        turns = np.minimum(self.free[nodes], count)
        each = np.repeat(nodes, turns)
        turn = np.arange(len(each)) - np.repeat(np.cumsum(turns) - turns, turns)
        load = (self.used[each] + turn * self.step) / self.cpus[each]
        return each[np.argsort(load, kind="stable")[:count]]

    def _summed(self, cpus: Mapping[Any, float]) -> Ints:
        units: Ints = np.rint(self._counted(cpus) * PER_CPU).astype(np.int64)
        return units

    def _counted(self, amounts: Mapping[Any, float]) -> NDArray[np.float64]:
        if not amounts:
            return np.zeros(len(self.order))
        return np.array([amounts.get(node, 0) for node in self.order], dtype=float)
