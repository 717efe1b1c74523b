"""The pool of executor actors: made in the background, at most one per CPU of a node, let go when idle."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from rayinfer.placement import ClusterView
from rayinfer.runtime import cluster, rayprivate, watcher
from rayinfer.runtime.bundles import remote_executor

IDLE_SECONDS = 30.0
# Starting processes slows the loop that runs meanwhile: so many at a time on each machine.
STARTING = 1


@dataclass(slots=True, eq=False)
class Slot:
    """One executor: its actor, the node it was asked for, and what it has still to do."""

    node: str | None
    handle: Any
    ready: Any
    is_up: bool = False
    runs: dict[tuple[str, int, int], Any] = field(default_factory=dict)
    outstanding: int = 0
    used: float = field(default_factory=time.monotonic)

    def is_idle(self) -> bool:
        """Whether it is up and has nothing to do."""
        return self.is_up and self.outstanding == 0

    def begin(self, retries: int, returns: int, message: tuple[Any, ...], method: str = "run") -> Any:
        """Have a bundle run that may be tried again so often, or with `carry` a pack of them.

        Gives the ref to its result, or a list of those of several.
        """
        run = self.runs.get((method, retries, returns))
        if run is None:
            run = getattr(self.handle, method).options(max_task_retries=retries, num_returns=returns)
            self.runs[method, retries, returns] = run
        self.outstanding += 1
        return run.remote(*message)

    def done(self) -> None:
        """Note that one of its bundles ended."""
        self.outstanding -= 1
        self.used = time.monotonic()


class Pool:
    """The executors of this process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.slots: dict[str | None, list[Slot]] = {}
        self.wanted: dict[str | None, int] = {}
        self.session: Any = None

    def want(self, needs: dict[str | None, int], view: ClusterView) -> None:
        """Have the watcher make executors until there are as many on each node as `needs`, or as it has CPUs."""
        room = sum(view.cpus.values())
        with self.lock:
            if not needs:
                self.wanted.clear()
            for node, count in needs.items():
                count = int(min(count, room if node is None else view.cpus.get(node, 0.0)))
                if count > len(self.slots.get(node, ())):
                    self.wanted[node] = max(count, self.wanted.get(node, 0))
        watcher.look_after(self.tend)

    def choose(self, places: list[str | None], sticky: list[Slot | None], view: ClusterView) -> list[Slot | None]:
        """A different executor for each place, preferring the one used before; None where none is idle.

        Calls on an executor run in order, and nothing can begin there before what stalls ends: a bundle goes behind no
        other, for that one may wait for it.
        """
        chosen: list[Slot | None] = []
        # One whose node is gone is started again elsewhere, and is not waited for.
        taken = {slot for group in self.slots.values() for slot in group if not _is_there(slot, view)}
        for place, before in zip(places, sticky, strict=True):
            if before is not None and (place is None or before.node == place) and self._free(before, taken):
                slot: Slot | None = before
            else:
                slot = self._least(place, taken)
            if slot is not None:
                taken.add(slot)
            chosen.append(slot)
        return chosen

    def _least(self, place: str | None, taken: set[Slot]) -> Slot | None:
        # A member that was left to Ray may go to any node's executors.
        some = self.slots.get(place, ()) if place is not None else [s for group in self.slots.values() for s in group]
        return next((slot for slot in some if self._free(slot, taken)), None)

    def _free(self, slot: Slot, taken: set[Slot]) -> bool:
        return slot.is_idle() and slot not in taken and slot in self.slots.get(slot.node, ())

    def tend(self) -> bool:
        """Make what is wanted, notice what is ready, let go of what is idle; whether any executors are left."""
        if not ray.is_initialized():
            self._clear(None)
            return False
        session = rayprivate.session()
        if session != self.session:
            self._clear(session)
        waiting = {slot.ready: slot for group in self.slots.values() for slot in group if not slot.is_up}
        if waiting:
            for ref in ray.wait(list(waiting), num_returns=len(waiting), timeout=0)[0]:
                self._admit(waiting.pop(ref))
        for _ in range(STARTING * cluster.machines() - len(waiting)):
            self._make_next()
        self._let_go()
        return bool(self.slots or self.wanted)

    def _make_next(self) -> None:
        """Make one executor, on the node that has fewest of those it should have."""
        with self.lock:
            missing = {n: count - len(self.slots.get(n, ())) for n, count in self.wanted.items()}
            self.wanted = {n: count for n, count in self.wanted.items() if missing[n] > 0}
        if self.wanted:
            self._make(max(self.wanted, key=lambda node: missing[node]))

    def _make(self, node: str | None) -> None:
        # Each call says how often it may be tried again; an actor that says never fails its calls while it restarts.
        options: dict[str, Any] = {"num_cpus": 0, "max_restarts": -1, "max_task_retries": -1}
        if node is not None:
            options["scheduling_strategy"] = NodeAffinitySchedulingStrategy(node, soft=True)
        handle = remote_executor().options(**options).remote()
        slot = Slot(node, handle, handle.ready.remote())
        with self.lock:
            self.slots.setdefault(node, []).append(slot)

    def _admit(self, slot: Slot) -> None:
        try:
            ray.get(slot.ready)
        except ray.exceptions.RayError:
            self._drop(slot)
            return
        slot.ready = None
        slot.is_up = True

    def _drop(self, slot: Slot) -> None:
        with self.lock:
            group = self.slots.get(slot.node, [])
            if slot in group:
                group.remove(slot)
            if not group:
                self.slots.pop(slot.node, None)

    def _let_go(self) -> None:
        now = time.monotonic()
        for slot in [slot for group in self.slots.values() for slot in group]:
            if slot.outstanding == 0 and now - slot.used > IDLE_SECONDS:
                self._drop(slot)

    def _clear(self, session: Any) -> None:
        with self.lock:
            self.slots, self.session = {}, session


def _is_there(slot: Slot, view: ClusterView) -> bool:
    return slot.node is None or slot.node in view.cpus


pool = Pool()
