"""The group backend: plans a batch, and submits its members in program order."""

from __future__ import annotations

import contextlib
import functools
import sys
import threading
import time
from collections.abc import Collection
from typing import Any

from rayinfer.placement import ClusterView, History
from rayinfer.runtime import carriers, cluster, config, modes, rayprivate, regions, spreading, tracker
from rayinfer.runtime.bundles import Chain
from rayinfer.runtime.callees import name_of, remote_of
from rayinfer.runtime.calls import Call, Member, resolved_call
from rayinfer.runtime.executors import Slot
from rayinfer.runtime.grids import Grid
from rayinfer.runtime.nodes import Node
from rayinfer.runtime.packs import packs_of
from rayinfer.runtime.plan import Fused, Plan, fuse, inputs, place_groups, single, taken_whole
from rayinfer.runtime.regions import Batch, evaluate_node
from rayinfer.runtime.sharing import Shared
from rayinfer.runtime.tasks import info

# To buy or to rent, as in `modes`: pieces cost the driver and the workers about so many seconds once, and each task
# that goes out by itself costs about one lease of a worker. (Seconds of the first chain in a process; benchmarks/.)
PIECES_SECONDS = 0.02
_leases_paid = 0
_planning = threading.RLock()
_history = History()


def submit(batch: Batch) -> None:
    """Submit every member of a batch; what they return goes into the nodes' `refs`.

    Raises what a member's submission raises, after the members before it were submitted.
    """
    began = time.time() if regions.observer is not None else 0.0
    _check_version()
    _evaluate_outside(batch)
    tracker.refresh()
    view = cluster.view()
    broadcasts = spreading.to_spread(batch, view)
    with _planning:
        forest, apart = _singles(batch, view)
        plan = fuse(batch, apart)
        placed = place_groups(view, _history, batch, plan, apart) if len(view.nodes) > 1 else {}
    how: dict[Node, str] = {}
    begun: list[list[Any]] = []
    # Asked once for each group: single tasks of two groups that take turns are a run each.
    gathered: dict[Node, bool] = {}
    try:
        for run in batch.runs:
            begun.append(run)
            node, start, stop = run
            if node in plan.inner:
                continue
            if node in forest:
                if node not in how:
                    from rayinfer.runtime.forests import Forest

                    cpus = view.room(info(node.task).cpus)
                    how.update(dict.fromkeys(forest, Forest(batch, forest, cpus).submit()))
                continue
            if _submit_tiles(node, stop - start, view):
                how[node] = "tiles"
                continue
            chosen = placed.get(node)
            begin = len(node.refs) - node.offset
            here: list[str | None] = [None] * (stop - start) if chosen is None else chosen[begin : begin + stop - start]
            fused = plan.fused.get(node) or single(node, batch, stop - start)
            nodes, chain = fused.nodes if fused is not None else [node], None
            live = node.home is not None and node not in batch.dead
            if not live and node not in gathered:
                gathered[node] = taken_whole(node, batch)
            if live or gathered[node]:
                chain = carriers.chain_to_carry(nodes, stop - start, view)
            if chain is not None:
                if chosen is not None:
                    # A carrier goes where Ray sends it.
                    with _planning:
                        _history.release(node.group_id)
                        _history.forget(node.group_id)
                how[node] = carriers.submit(nodes, chain, view)
            elif fused is None:
                how[node] = "plain"
                _submit_plain(node, here)
            else:
                how[node] = _submit_bundles(node, fused, here, view, node in batch.open)
        spreading.when_there(broadcasts)
    except BaseException:
        _submit_begun(begun, plan)
        raise
    finally:
        if regions.observer is not None:
            regions.observer.submitted(batch, plan, how, began)
        if config.prints_placement():
            _print_placements(batch, plan, how)


def _singles(batch: Batch, view: ClusterView) -> tuple[dict[Node, Chain], Collection[Node]]:
    """The groups of single tasks that run as pieces, with their chains; and those that have no part in the plan."""
    global _leases_paid
    if not batch.singles:
        return {}, ()
    _leases_paid += sum(len(node.calls) for node in batch.singles)
    if _leases_paid * modes.LEASE_SECONDS < PIECES_SECONDS:
        return {}, batch.singles
    # Programs with few single tasks do not wait for it to be imported.
    from rayinfer.runtime.forests import nodes_of

    forest = nodes_of(batch, view)
    return forest, forest


def _submit_tiles(node: Node, count: int, view: ClusterView) -> bool:
    """Submit the next `count` members of a group as tiles; False, and nothing done, where they go one by one."""
    if type(node.into) is not Grid or not node.into.tiled:
        return False
    from rayinfer.runtime.tiles import submit as submit_as_tiles

    return submit_as_tiles(node, len(node.refs), count, view)


@functools.cache
def _check_version() -> None:
    rayprivate.check_version()


def _evaluate_outside(batch: Batch) -> None:
    """Evaluate the nodes that the batch takes but does not hold."""
    inside = {run[0] for run in batch.runs}
    for node in inside:
        actors = {target.node for target in node.targets if type(target) is Member}
        for source in (*node.sources.by_node, *node.sources.whole, *actors):
            if source.calls and source not in inside:
                evaluate_node(source)


def _submit_plain(node: Node, places: list[str | None]) -> None:
    task, task_info = node.task, None if node.targets else info(node.task)
    first = len(node.refs) - node.offset
    last_call: Call | None = None
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    shared = Shared()
    # Tasks that hold CPUs of a node, or wait for some at Ray, are seen to their end.
    followed, waits = None if node.kind == "InitActors" else task_info, _history.waits(node.group_id)
    for i, place in enumerate(places, first):
        call = node.calls[i]
        if call is not last_call:
            args, kwargs = resolved_call(call)
            last_call = call
        if task_info is None:
            remote = remote_of(task, call, node.targets[i], shared)
        elif place is None:
            remote = remote_of(task, call, None)
        else:
            remote = task_info.on(task, place).remote
        ref = remote(*args, **kwargs)
        node.refs.append(ref)
        node.placement.append(place)
        if followed is not None and (place is not None or waits):
            _follow(node, ref, place, followed.cpus)


def _submit_begun(runs: list[list[Any]], plan: Plan) -> None:
    """Submit what the program had submitted of chains whose last step a submission that raised came before."""
    for node, start, stop in runs:
        last = plan.last_of(node)
        if last is node:
            continue
        gone = len(last.refs) - last.offset
        node.refs.extend([None] * gone)
        with contextlib.suppress(Exception):
            _submit_plain(node, [None] * (stop - start - gone))


def _submit_bundles(node: Node, fused: Fused, places: list[str | None], view: ClusterView, is_open: bool) -> str:
    chain = fused.chain
    site = modes.site_of(chain, len(places))
    settled = site.settle(places, view)
    measured = site.measured(len(places)) if not is_open else None
    where = list(zip(places, settled, strict=True))
    together = packs_of(fused, site, where, view.room(chain.cpus), measured) if not is_open else None
    parts = together.parts if together is not None else [[i] for i in range(len(places))]
    slots: list[Slot | None] = [None] * len(parts)
    if not is_open:
        # A ref that leaves the region must be a task's own: cancelling an actor's call is another thing.
        targets = [settled[part[0]] for part in parts]
        slots = modes.choose(chain, site, targets, functools.partial(inputs, fused), view)
    executors = sum(slot is not None for slot in slots)
    if not executors and len(fused.nodes) == 1 and measured is None and together is None:
        _submit_plain(node, places)
        return "plain"
    first, waits = len(node.refs), _history.waits(node.group_id)
    given: dict[int, tuple[Any, str | None]] = {}
    for part, slot in zip(parts, slots, strict=True):
        place, there = where[part[0]]
        if together is not None and len(part) > 1:
            refs = together.submit(part, there, slot, site)
        else:
            (i,) = part
            message = chain.message(fused.nodes, first + i) if together is None else together.calls[i].args
            refs = [_submit_bundle(chain, message, there, slot, site, timed=i == measured)]
        if slot is not None or place is not None or waits:
            _follow(node, refs[0], place, chain.cpus * len(part), slot, site if len(part) == 1 else None)
        given.update(zip(part, ((ref, there if slot is None else slot.node) for ref in refs), strict=True))
        while len(node.refs) - first in given:
            ref, at = given.pop(len(node.refs) - first)
            node.refs.append(ref)
            node.placement.append(at)
    bundles = "packs" if together is not None else "bundle"
    return bundles if not executors else "executor" if executors == len(parts) else f"{executors} on executors"


def _submit_bundle(
    chain: Chain, message: tuple[Any, ...], node: str | None, slot: Slot | None, site: modes.Site, *, timed: bool
) -> Any:
    if slot is not None:
        return slot.begin(chain.retries, chain.returns, message)
    if not timed:
        return chain.on(node).remote(*message)
    *refs, seconds = chain.on(node, timed=True).remote(chain.returns, *message)
    tracker.track(seconds, functools.partial(site.took, seconds))
    return refs if chain.returns > 1 else refs[0]


def _follow(
    node: Node, ref: Any, place: str | None, cpus: float, slot: Slot | None = None, site: modes.Site | None = None
) -> None:
    """Learn when a member ends, which holds CPUs of a node or an executor."""
    tracker.track(ref, functools.partial(_ended, node.group_id, place, cpus, slot, site))


def _ended(
    group: int, place: str | None, cpus: float, slot: Slot | None, site: modes.Site | None, seconds: float
) -> None:
    with _planning:
        _history.finished(group, place, cpus)
    if slot is not None:
        slot.done()
        if site is not None:
            # It had no other before it, so that this is about how long it ran.
            site.seconds.append(seconds)


def _print_placements(batch: Batch, plan: Plan, how: dict[Node, str]) -> None:
    for node in dict.fromkeys(run[0] for run in batch.runs):
        shown = plan.last_of(node)
        where = " ".join(place[:8] if place else "-" for place in shown.placement[shown.offset :])
        mode = how.get(shown, "not submitted")
        print(f"rayinfer: {node.kind} {name_of(node.task)} #{node.group_id} {mode}: {where}", file=sys.stderr)
