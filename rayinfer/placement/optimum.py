"""The fewest bytes that any placement of a small graph moves, found by trying all."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from rayinfer.placement.batch import CALLS, TASKS
from rayinfer.placement.traffic import moved
from rayinfer.placement.view import PER_CPU, ClusterView, Ints
from rayinfer.placement.workload import Work

# So many placements are tried within some seconds.
MOST = 100_000


def optimum(works: Sequence[Work], view: ClusterView) -> int | None:
    """The fewest bytes moved by any placement in which no node holds more than its CPUs; None where that is too large.

    Of tasks, those of a region that do not wait for one another run side by side; a node holds as many actors of one
    group as it has CPUs.
    """
    placed = [work for work in works if work.kind != CALLS]
    if sum(work.width for work in placed) * math.log(max(len(view.names), 1)) > math.log(MOST):
        return None
    return _Search(works, view).run()


class _Search:
    def __init__(self, works: Sequence[Work], view: ClusterView) -> None:
        self.works = works
        self.cpus = view.units
        self.sizes = {work.number: work.size for work in works}
        self.best: int | None = None
        self.places: dict[int, Ints] = {}
        self.before: dict[int, set[int]] = {}
        for work in works:
            sources = [link.source for link in work.links]
            self.before[work.number] = {n for s in sources for n in (s, *self.before[s])}

    def run(self) -> int | None:
        self._from(0, 0)
        return self.best

    def _from(self, index: int, cost: int) -> None:
        """Try all places of the groups from `index` on, which can only add to `cost`."""
        if self.best is not None and cost >= self.best:
            return
        if index == len(self.works):
            self.best = cost
            return
        work = self.works[index]
        for nodes in self._choices(work, index):
            self.places[work.number] = nodes
            self._from(index + 1, cost + moved(work, self.places, self.sizes))
            del self.places[work.number]
        if work.kind == CALLS and work.actors is None:
            self._from(index + 1, cost)

    def _choices(self, work: Work, index: int) -> list[Ints]:
        if work.kind == CALLS:
            return [self.places[work.actors][np.arange(work.width)]] if work.actors is not None else []
        room = self.cpus // PER_CPU
        if work.kind == TASKS:
            for other in self.works[:index]:
                beside = other.region == work.region and other.number not in self.before[work.number]
                if other.kind == TASKS and beside:
                    room = np.maximum(room - np.bincount(self.places[other.number], minlength=len(room)), 0)
        found = (np.array(nodes, dtype=np.int64) for nodes in itertools.product(range(len(room)), repeat=work.width))
        return [nodes for nodes in found if (np.bincount(nodes, minlength=len(room)) <= room).all()]
