"""The cluster as the placement policy sees it, from Ray's public API, read again after a while."""

from __future__ import annotations

import time
from typing import Any

import ray

from rayinfer.placement import ClusterView, NodeView
from rayinfer.runtime import rayprivate

REFRESH = 2.0
_EMPTY = ClusterView()
_view = _EMPTY
_read_at = -REFRESH
_session: Any = None
_machines = 1
_store_bytes = 0.0


def machines() -> int:
    """How many machines the nodes of the cluster run on, as last read."""
    return _machines


def store_bytes() -> float:
    """How many bytes the smallest object store of a node holds, as last read."""
    view()
    return _store_bytes


def view() -> ClusterView:
    """The alive nodes and their CPUs, in the order of their ids; empty inside a placement group, which places."""
    global _view, _read_at, _session
    now = time.monotonic()
    if now - _read_at > REFRESH or rayprivate.session() != _session:
        _view = _read()
        _read_at = now
        # Only now: reading may have begun it.
        _session = rayprivate.session()
    return _view


def _read() -> ClusterView:
    global _machines, _store_bytes
    if ray.util.get_current_placement_group() is not None:
        return _EMPTY
    alive = [node for node in ray.nodes() if node.get("Alive", node.get("alive", False))]
    _machines = max(1, len({node.get("NodeManagerAddress") for node in alive}))
    _store_bytes = min((float(node["Resources"].get("object_store_memory", 0.0)) for node in alive), default=0.0)
    nodes = [NodeView(node["NodeID"], float(node["Resources"].get("CPU", 0.0))) for node in alive]
    return ClusterView(tuple(sorted(nodes, key=lambda node: node.node_id)))
