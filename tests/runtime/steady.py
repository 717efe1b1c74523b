"""What tests of steady loops share: executors from the first rounds on, that are up, and what they were given."""

from __future__ import annotations

import time
from typing import Any

import pytest

from rayinfer.runtime import cluster, executors, modes
from rayinfer.runtime.executors import Slot


def executors_at_once(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Slot, int]]:
    """Have every steady loop go to executors after a few rounds; the executor and the retries of each bundle."""
    monkeypatch.setattr(modes, "LONG", 10.0)
    monkeypatch.setattr(modes, "START_SECONDS", 0.003)
    begun: list[tuple[Slot, int]] = []
    begin = Slot.begin

    def noted(slot: Slot, retries: int, returns: int, message: tuple[Any, ...], method: str = "run") -> Any:
        begun.append((slot, retries))
        return begin(slot, retries, returns, message, method)

    monkeypatch.setattr(Slot, "begin", noted)
    return begun


def ready_executors(count: int) -> list[Slot]:
    """Executors that are up, so many of them on each node."""
    view = cluster.view()
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        executors.pool.want(dict.fromkeys(view.cpus, count), view)
        slots = [slot for group in executors.pool.slots.values() for slot in group if slot.is_idle()]
        if len(slots) >= count * len(view.cpus):
            return slots
        time.sleep(0.1)
    raise TimeoutError("no executors came up")
