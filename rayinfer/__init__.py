"""rayinfer: infers groups of tasks and actors from plain Ray programs, and schedules them as groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rayinfer.runtime.actor_calls import MapActors as MapActors
    from rayinfer.runtime.actor_calls import ReduceActors as ReduceActors
    from rayinfer.runtime.calls import call as call
    from rayinfer.runtime.config import configure as configure
    from rayinfer.runtime.task_nodes import Broadcast as Broadcast
    from rayinfer.runtime.task_nodes import InitActors as InitActors
    from rayinfer.runtime.task_nodes import Map as Map

_HOMES = {
    "Broadcast": "rayinfer.runtime.task_nodes",
    "InitActors": "rayinfer.runtime.task_nodes",
    "Map": "rayinfer.runtime.task_nodes",
    "MapActors": "rayinfer.runtime.actor_calls",
    "ReduceActors": "rayinfer.runtime.actor_calls",
    "call": "rayinfer.runtime.calls",
    "configure": "rayinfer.runtime.config",
}
__all__ = [
    "Broadcast",
    "InitActors",
    "Map",
    "MapActors",
    "ReduceActors",
    "call",
    "configure",
]


def __getattr__(name: str) -> Any:
    # Ray is imported only when a node is asked for, so that the compiler works without it.
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(home), name)
