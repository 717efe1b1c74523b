"""Where the groups of an inferred graph would go on a cluster under each policy, without one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TypeAlias

import numpy as np

from rayinfer.ir.nodes import Broadcast, ReduceActors
from rayinfer.placement import baselines
from rayinfer.placement.batch import ACTORS, CALLS, TASKS, Step, place_batch
from rayinfer.placement.history import History
from rayinfer.placement.traffic import moved
from rayinfer.placement.view import PER_CPU, ClusterView, Ints
from rayinfer.placement.workload import Work

# How a policy that is not ours chooses nodes: from CPUs, used CPUs (both in units), units and number of members.
_Chooser: TypeAlias = Callable[[Ints, Ints, int, int, np.random.Generator], Ints]
_CHOOSERS: dict[str, _Chooser] = {"random": baselines.at_random, "ray spread": baselines.ray_spread}
POLICIES = ("group", "ray default", *_CHOOSERS)


@dataclass(slots=True)
class Outcome:
    """What one policy does, by group: its members' nodes by position, how many find no free CPU, the bytes it takes."""

    places: dict[int, Ints] = field(default_factory=dict)
    queued: dict[int, int] = field(default_factory=dict)
    moved: dict[int, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All bytes that cross between nodes."""
        return sum(self.moved.values())


def simulate(works: Sequence[Work], view: ClusterView, policy: str, seed: int = 0) -> Outcome:
    """Place every group once, region after region, under one of `POLICIES`.

    All tasks of a region have ended when the next one begins, and within it those that a group takes results from,
    before it starts. Members that find no free CPU go to any node, as whichever has one first. `group` leaves to Ray's
    DEFAULT what the runtime leaves to Ray.
    """
    return _Simulation(view, policy, np.random.default_rng(seed)).run(works)


class _Simulation:
    def __init__(self, view: ClusterView, policy: str, random: np.random.Generator) -> None:
        self.view = view
        self.policy = policy
        self.random = random
        self.history = History()
        self.outcome = Outcome()
        self.works: dict[int, Work] = {}
        self.sizes: dict[int, int] = {}
        # Of the region that is being placed: the units that each group holds, and what ends before it starts.
        self.held: dict[int, Ints] = {}
        self.before: dict[int, set[int]] = {}

    def run(self, works: Sequence[Work]) -> Outcome:
        for _, found in groupby(works, key=lambda work: work.region):
            self._place_region(list(found))
        return self.outcome

    def _place_region(self, works: list[Work]) -> None:
        self.held, self.before = {}, {}
        self.works.update((work.number, work) for work in works)
        self.sizes.update((work.number, work.size) for work in works)
        ours = self._ours(works) if self.policy == "group" else {}
        for work in works:
            sources = [link.source for link in work.links]
            self.before[work.number] = {n for s in sources for n in (s, *self.before.get(s, ()))}
            nodes = self._nodes(work, ours.get(work.number))
            if nodes is not None:
                self.outcome.places[work.number] = nodes
                self.held[work.number] = np.bincount(nodes, minlength=len(self.view.units)) * _units(work)
        for work in works:
            self.outcome.moved[work.number] = moved(work, self.outcome.places, self.sizes)
            if work.kind == TASKS:
                self.history.release(work.number)

    def _nodes(self, work: Work, ours: list[str | None] | None) -> Ints | None:
        """The node of every member; None for calls on actors that are not in the graph."""
        if work.kind == CALLS:
            actors = self.outcome.places.get(work.actors) if work.actors is not None else None
            return actors[np.arange(work.width) % len(actors)] if actors is not None and len(actors) else None
        if ours is not None and any(node is not None for node in ours):
            nodes = np.array([self.view.order[node] if node is not None else -1 for node in ours], dtype=np.int64)
            return self._with_queued(work, nodes)
        busy = [units for number, units in self.held.items() if number not in self.before[work.number]]
        used = np.sum(busy, axis=0) if busy else np.zeros_like(self.view.units)
        # An actor asks for a CPU to be scheduled, and holds none as it runs.
        step = _units(work) or PER_CPU
        given = self.view.units, used, step, work.width, self.random
        if self.policy in _CHOOSERS:
            return self._with_queued(work, _CHOOSERS[self.policy](*given))
        wanted = self._largest(work) if work.kind == TASKS else None
        return self._with_queued(work, baselines.ray_default(*given, wanted))

    def _with_queued(self, work: Work, nodes: Ints) -> Ints:
        """All members' nodes, of which those without one go to any, by its CPUs."""
        nodes = np.concatenate((nodes, np.full(work.width - len(nodes), -1, dtype=np.int64)))
        missing = nodes < 0
        self.outcome.queued[work.number] = int(missing.sum())
        share = self.view.units / self.view.units.sum()
        nodes[missing] = self.random.choice(len(share), int(missing.sum()), p=share)
        return nodes

    def _largest(self, work: Work) -> Ints | None:
        """The node that holds most bytes of what each member takes, where that is much; -1 for none."""
        most = np.full(work.width, baselines.LARGE_BYTES, dtype=np.int64)
        nodes = np.full(work.width, -1, dtype=np.int64)
        for link in work.links:
            there, size = self.outcome.places.get(link.source), self.sizes[link.source]
            if there is None or not len(there) or size <= baselines.LARGE_BYTES:
                continue
            if link.picks is not None:
                where, held = there[link.picks], np.full(work.width, size)
            else:
                counts = np.bincount(there)
                where = np.full(work.width, counts.argmax())
                held = np.full(work.width, counts.max() * size)
            larger = held > most
            nodes[larger], most[larger] = where[larger], held[larger]
        return nodes if (nodes >= 0).any() else None

    def _ours(self, works: list[Work]) -> dict[int, list[str | None]]:
        """What the runtime's own policy makes of a region; nothing for what it leaves to Ray."""
        used = {work.number for work in works if not work.dead and not work.open}
        used |= {link.source for work in works for link in work.links}
        steps = [self._step(work, work.number in used) for work in works if not work.recurs]
        return place_batch(self.view, self.history, steps)

    def _step(self, work: Work, used: bool) -> Step:
        """A group as the runtime hands it to the policy."""
        sources = [link.source for link in work.links]
        if work.kind == CALLS:
            beside = sources[0] if sources and isinstance(work.group, ReduceActors) else None
            calls = (work.actors,) if work.actors is not None else ()
            return Step(CALLS, work.number, work.width, calls=calls, beside=beside)
        step = Step(work.kind, work.number, work.width, work.cpus, sources=sources, is_used=used, is_dead=work.dead)
        if work.kind == ACTORS:
            return step
        for link in work.links:
            source = self.works[link.source]
            if link.picks is not None and source.kind == TASKS and not isinstance(source.group, Broadcast):
                if link.kind == "one-to-one" and source.width == work.width:
                    return replace(step, matching=(link.source, 0))
                return replace(step, on_task=[(link.source, pick) for pick in link.picks.tolist()])
        group = next((source for source in sources if self.works[source].kind == TASKS), None)
        return replace(step, on_group=group)


def _units(work: Work) -> int:
    return round(work.cpus * PER_CPU)
