"""The group-scheduling policy over a cluster view: pure, without Ray."""

from rayinfer.placement.batch import ACTORS, CALLS, TASKS, Step, place_batch
from rayinfer.placement.history import History, Request
from rayinfer.placement.view import ClusterView, NodeView

__all__ = [
    "ACTORS",
    "CALLS",
    "TASKS",
    "ClusterView",
    "History",
    "NodeView",
    "Request",
    "Step",
    "place_batch",
]
