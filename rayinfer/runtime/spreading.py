"""Results that many members will take: copied to every node while the program waits for something else."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterable
from typing import Any

import ray
import ray.experimental
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from rayinfer.placement import ClusterView
from rayinfer.runtime import cluster, tracker, watcher
from rayinfer.runtime.bundles import remote_task
from rayinfer.runtime.nodes import Node
from rayinfer.runtime.regions import Batch
from rayinfer.runtime.values import LARGE

# An object store may hold a tenth more than in plain Ray: a larger result is not copied before members ask for it.
SHARE = 0.1
_lock = threading.Lock()
# The refs of results that no member takes yet.
_waiting: dict[Node, Any] = {}


def to_spread(batch: Batch, view: ClusterView) -> list[Node]:
    """The nodes of a batch whose one result is to be on every node before later members take it.

    A `Broadcast` says how many take it: from as many on as the cluster has CPUs, there will be some on every node.
    What members of this batch take is asked for from now on, and no longer spread.
    """
    nodes = dict.fromkeys(run[0] for run in batch.runs)
    if _waiting:
        with _lock:
            for node in nodes:
                for source in (*node.sources.by_node, *node.sources.whole):
                    _waiting.pop(source, None)
    if len(view.cpus) < 2:
        return []
    found = [node for node in nodes if node.kind == "Broadcast" and node.home is not None and node not in batch.dead]
    taken = {source for node in nodes for source in node.sources.whole} if found else ()
    return [node for node in found if node not in taken and len(node) >= view.room(1.0)]


def when_there(nodes: Iterable[Node]) -> None:
    """Spread the results of these nodes, which were submitted, as soon as they are there."""
    for node in nodes:
        if type(node.refs[0]) is ray.ObjectRef:
            with _lock:
                _waiting[node] = node.refs[0]
            watcher.look_after(_look)


def _look() -> bool:
    """Spread what is there; whether something is not there yet."""
    with _lock:
        waiting = dict(_waiting)
        if not ray.is_initialized():
            _waiting.clear()
            return False
    if not waiting:
        return False
    try:
        done = set(ray.wait(list(waiting.values()), num_returns=len(waiting), timeout=0, fetch_local=False)[0])
        found = ray.experimental.get_object_locations(list(done))
    except Exception:
        # Refs of a connection that is over.
        done, found = set(waiting.values()), {}
    for node, ref in waiting.items():
        if ref in done:
            with _lock:
                is_untaken = _waiting.pop(node, None) is not None
            if is_untaken and ref in found:
                _spread(ref, found[ref])
    return bool(_waiting)


def _spread(ref: Any, known: dict[str, Any]) -> None:
    """Have every node without a copy of an object fetch one, where nothing runs that this could disturb."""
    size = known["object_size"] or 0
    if not LARGE < size <= SHARE * cluster.store_bytes() or tracker.count():
        return
    for node in cluster.view().names:
        if node not in known["node_ids"]:
            where = NodeAffinitySchedulingStrategy(node, soft=False)
            # Ray fetches what a task takes before it gives the task a worker.
            fetched = remote_task("fetched").options(num_cpus=0, max_retries=0, scheduling_strategy=where).remote(ref)
            tracker.track(fetched, functools.partial(_forget, fetched))


def _forget(fetched: Any, _seconds: float) -> None:
    # Unless it is asked for, Ray tells of an error; one node less is none.
    tracker.result(fetched)
