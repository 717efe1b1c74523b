"""The study's placement policy: pack on the group a member depends on, colocate one-to-one, else least loaded."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from rayinfer.placement.view import ClusterView


@dataclass(frozen=True, slots=True)
class Request:
    """A run of members of one group that wants nodes.

    `on_group` names the group every member depends on; `on_task` gives, per member, the one task it depends on as
    `(group, index)`. `after` are the groups that end before these members start, whose CPUs they may take over.
    """

    group: int
    width: int
    cpus: float = 1.0
    on_group: int | None = None
    on_task: Sequence[tuple[int, int] | None] | None = None
    after: Iterable[int] = ()


@dataclass(slots=True)
class History:
    """Where the members of each known group went, and how many CPUs their unfinished members hold."""

    placements: dict[int, list[str | None]] = field(default_factory=dict)
    running: dict[int, dict[str, float]] = field(default_factory=dict)
    load: dict[str, float] = field(default_factory=dict)

    def record(self, group: int, node: str | None, cpus: float) -> None:
        """Note that the next member of `group` was given `node` (None: left to Ray)."""
        self.placements.setdefault(group, []).append(node)
        if node is not None and cpus:
            held = self.running.setdefault(group, {})
            held[node] = held.get(node, 0.0) + cpus
            self.load[node] = self.load.get(node, 0.0) + cpus

    def finished(self, group: int, node: str, cpus: float) -> None:
        """Give back the CPUs of one member of `group` that ended on `node`."""
        held = self.running.get(group)
        if held is None or node not in held:
            return
        cpus = min(cpus, held[node])
        self.load[node] -= cpus
        held[node] -= cpus
        if held[node] <= 0:
            del held[node]
            if not held:
                del self.running[group]
        if self.load[node] <= 0:
            del self.load[node]

    def forget(self, group: int) -> None:
        """Drop where the members of `group` went; what still runs stays counted until it ends."""
        self.placements.pop(group, None)

    def release(self, group: int) -> None:
        """Give back every CPU that `group` holds."""
        for node, cpus in list(self.running.get(group, {}).items()):
            self.finished(group, node, cpus)

    def nodes_of(self, group: int) -> list[str]:
        """The nodes that hold members of `group`, those that hold most first."""
        counts = Counter(node for node in self.placements.get(group, ()) if node is not None)
        return [node for node, _ in counts.most_common()]


def place(view: ClusterView, history: History, request: Request) -> list[str | None]:
    """Choose a node for every member of `request`, record it in `history`, and return the node ids.

    None stands for a member that is left to Ray: beyond the free capacity of the cluster a pinned member would queue
    on a busy node. The order of preference is that of the study's pseudocode (edoakes/ray-graph).
    """
    room = _Room(view, history, request)
    group_nodes = history.nodes_of(request.on_group) if request.on_group is not None else []
    dependent = request.on_group is not None or request.on_task is not None
    preferred = _fill(room, group_nodes)
    own = _fill(room, history.nodes_of(request.group))
    chosen: list[str | None] = []
    last: str | None = None
    for i in range(request.width):
        node = _of_task(history, request, i)
        if node is None or not room.fits(node):
            node = next(preferred, None)
            if node is None and dependent:
                node = last if last is not None and room.fits(last) else next(own, None)
            if node is None:
                node = room.least_loaded()
            last = node
        if node is not None:
            room.take(node)
        history.record(request.group, node, request.cpus)
        chosen.append(node)
    return chosen


def _of_task(history: History, request: Request, i: int) -> str | None:
    task = request.on_task[i] if request.on_task is not None else None
    if task is None:
        return None
    group = history.placements.get(task[0], ())
    return group[task[1]] if task[1] < len(group) else None


def _fill(room: _Room, nodes: Iterable[str]) -> Iterator[str]:
    for node in nodes:
        while room.fits(node):
            yield node


class _Room:
    """The CPUs that a request may still take on each node."""

    def __init__(self, view: ClusterView, history: History, request: Request) -> None:
        self.view = view
        self.cpus = request.cpus
        # A member without CPUs of its own (an actor) still packs as one per CPU, as in the study.
        self.weight = request.cpus or 1.0
        self.load = history.load
        self.taken: dict[str, float] = {}
        self.own: dict[str, float] = {}
        for node in history.placements.get(request.group, ()):
            if node is not None:
                self.own[node] = self.own.get(node, 0.0) + self.weight
        self.inherited: dict[str, float] = {}
        for group in request.after:
            for node, cpus in history.running.get(group, {}).items():
                self.inherited[node] = self.inherited.get(node, 0.0) + cpus
        self.heap: list[tuple[float, int, str]] | None = None

    def fits(self, node: str) -> bool:
        cpus = self.view.cpus.get(node)
        if cpus is None or self.own.get(node, 0.0) + self.weight > cpus:
            return False
        return not self.cpus or self.load.get(node, 0.0) - self.inherited.get(node, 0.0) + self.cpus <= cpus

    def take(self, node: str) -> None:
        self.own[node] = self.own.get(node, 0.0) + self.weight

    def key(self, node: str) -> tuple[float, int, str]:
        used = self.load.get(node, 0.0) - self.inherited.get(node, 0.0)
        if not self.cpus:
            used += self.own.get(node, 0.0)
        return used / self.view.cpus[node], self.view.order[node], node

    def least_loaded(self) -> str | None:
        """The least loaded node with room; entries of the heap are brought up to date as they surface."""
        if self.heap is None:
            self.heap = [self.key(node) for node in self.view.cpus]
            heapq.heapify(self.heap)
        while self.heap:
            entry = self.heap[0]
            node = entry[2]
            if not self.fits(node):
                heapq.heappop(self.heap)
                continue
            now = self.key(node)
            if now == entry:
                return node
            heapq.heapreplace(self.heap, now)
        return None
