"""The plan of one batch: which groups fuse, and where every member goes."""

from __future__ import annotations

import weakref
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import ray

from rayinfer.passes.fusion import Group, chains
from rayinfer.placement import ACTORS, CALLS, TASKS, ClusterView, History, Step, place_batch
from rayinfer.runtime.bundles import Chain, accepted, chain_of
from rayinfer.runtime.calls import Call, Member, operands, symbols
from rayinfer.runtime.modes import available
from rayinfer.runtime.nodes import Node
from rayinfer.runtime.regions import Batch
from rayinfer.runtime.tasks import computes, info

TASK_KINDS = ("Map", "Broadcast")


@dataclass(slots=True)
class Fused:
    """A chain of groups that runs as one call per member."""

    nodes: list[Node]
    chain: Chain


@dataclass(slots=True)
class Plan:
    """What a batch is submitted as: `fused` by the last group of each chain, `inner` the groups inside chains."""

    fused: dict[Node, Fused] = field(default_factory=dict)
    inner: set[Node] = field(default_factory=set)

    def last_of(self, node: Node) -> Node:
        """The last group of the chain that a group runs in; itself, where it runs in none."""
        return next((last for last, fused in self.fused.items() if node in fused.nodes), node)


def fuse(batch: Batch, apart: Collection[Node] = ()) -> Plan:
    """Find the one-to-one chains of a batch, but for groups `apart`, whose middle is dead and whose tasks may share a
    process.
    """
    plan = Plan()
    nodes = [node for node in dict.fromkeys(run[0] for run in batch.runs) if node not in apart]
    if not batch.dead or len(nodes) < 2:
        return plan
    by_id = {node.group_id: node for node in nodes}
    groups = [_as_group(node, batch, by_id) for node in nodes]
    for keys in chains(groups):
        members = [by_id[key] for key in keys]
        infos = [info(node.task) for node in members]
        if _late(members) or not accepted(members, infos):
            continue
        chain = chain_of(members, infos)
        if chain is not None:
            plan.fused[members[-1]] = Fused(members, chain)
            plan.inner.update(members[:-1])
    return plan


def _as_group(node: Node, batch: Batch, by_id: dict[int, Node]) -> Group:
    whole = node.kind == "Map" and not node.offset and not node.sources.unfusible
    sources = {
        source.group_id: source.kind == "Map" and link[0] == node.size
        for source, link in node.sources.by_node.items()
        if source.group_id in by_id
    }
    sources.update((source.group_id, False) for source in node.sources.whole if source.group_id in by_id)
    for target in node.targets:
        if type(target) is Member and target.node.group_id in by_id:
            sources[target.node.group_id] = False
    known = info(node.task)
    shares = known.shares if whole else None
    late = shares is not None and bool(sources) and not computes(node.task)
    return Group(node.group_id, node.size, shares, sources, node in batch.dead, late, known.returns > 1)


def single(node: Node, batch: Batch, count: int) -> Fused | None:
    """A group by itself as a chain of one step, where its tasks may share a process and its refs stay with us."""
    if node in batch.open or node.kind != "Map" or node.offset or count != node.size or node.sources.unfusible:
        return None
    if node in node.sources.by_node:
        return None
    task = info(node.task)
    if task.shares is None or not accepted([node], [task]):
        return None
    chain = chain_of([node], [task])
    return Fused([node], chain) if chain is not None else None


def inputs(fused: Fused) -> set[Any]:
    """The refs that a chain takes from outside itself."""
    return {ref for node in fused.nodes for ref in _outside(node, fused.nodes)}


def _late(chain: list[Node]) -> bool:
    """Whether a later step takes something that is not there yet, which the first would then wait for."""
    later = {ref for node in chain[1:] for ref in _outside(node, chain)}
    return bool(later) and not available(later - set(_outside(chain[0], chain)))


def _outside(node: Node, chain: list[Node]) -> Iterator[Any]:
    """The refs, of those there are yet, that a group takes from outside its chain."""
    for call in node.calls:
        for arg in operands(call):
            if type(arg) is ray.ObjectRef:
                yield arg
            elif type(arg) is Member and arg.node not in chain:
                refs = arg.node.refs
                index = 0 if arg.node.kind == "Broadcast" else arg.index
                if index < len(refs) and type(refs[index]) is ray.ObjectRef:
                    yield refs[index]


def place_groups(
    view: ClusterView, history: History, batch: Batch, plan: Plan, apart: Collection[Node] = ()
) -> dict[Node, list[str | None]]:
    """The node ids of every pending member of every group that is placed at all; of none `apart`."""
    used = _used(batch)
    nodes = {run[0].group_id: run[0] for run in batch.runs}
    # Members that take others of their own group go where Ray finds their inputs.
    runs = [
        run
        for run in batch.runs
        if run[0] not in plan.inner and run[0] not in apart and run[0] not in run[0].sources.by_node
    ]
    found = {
        nodes[group]: ids
        for group, ids in place_batch(view, history, (_step(run, batch, plan, used) for run in runs)).items()
    }
    for node in found:
        if not node.recorded:
            node.recorded = True
            weakref.finalize(node, _forget, history, node.group_id, node.kind).atexit = False
    return found


def _step(run: list[Any], batch: Batch, plan: Plan, used: set[Node]) -> Step:
    """A run of members as the policy sees it."""
    node, start, stop = run
    kind = TASKS if node.kind in TASK_KINDS else ACTORS if node.kind == "InitActors" else CALLS
    beside = node.objects.group_id if node.objects is not None else None
    if kind == CALLS:
        calls = {target.node.group_id for target in node.targets if type(target) is Member}
        return Step(kind, node.group_id, stop - start, calls=calls, beside=beside)
    task = info(node.task)
    about = Step(
        kind, node.group_id, stop - start, task.cpus, task.placeable, is_used=node in used, is_dead=node in batch.dead
    )
    if kind == ACTORS:
        return about
    fused = plan.fused.get(node)
    head = fused.nodes[0] if fused is not None else node
    # Actors hold their CPUs for as long as they live.
    ending = (source for source in (*head.sources.by_node, *head.sources.whole) if source.kind in TASK_KINDS)
    sources = [source.group_id for source in ending]
    return replace(about, sources=sources, **_dependency(head, start, stop - start))


def _dependency(node: Node, start: int, count: int) -> dict[str, Any]:
    for source, link in node.sources.by_node.items():
        if source.kind == "Map":
            if _takes_all(node.calls[start - node.offset], source):
                return {"on_group": source.group_id}
            if link[0] == node.size:
                return {"matching": (source.group_id, start)}
            return {"on_task": [_first_member(call.args) for call in node.calls[start - node.offset :][:count]]}
    group = node.objects
    for source in (*node.sources.by_node, *node.sources.whole):
        if group is None and source.kind in TASK_KINDS:
            group = source
    return {"on_group": group.group_id} if group is not None else {}


def _used(batch: Batch) -> set[Node]:
    """The groups whose place matters to another: consumed in this batch, or kept as nodes for later ones."""
    used = {run[0] for run in batch.runs if run[0] not in batch.dead and run[0] not in batch.open}
    for node in {run[0] for run in batch.runs}:
        used.update(node.sources.by_node, node.sources.whole)
        if node.objects is not None:
            used.add(node.objects)
    return used


def taken_whole(node: Node, batch: Batch) -> bool:
    """Whether other groups of a batch take a group, and each of their members all of it."""
    takers = [one for one in {run[0] for run in batch.runs} if node in one.sources.by_node or node in one.sources.whole]
    return bool(takers) and all(node in one.sources.whole or _takes_all(one.calls[0], node) for one in takers)


def _takes_all(call: Call, source: Node) -> bool:
    """Whether a call takes every member of a group, of which there are several."""
    args = operands(call)
    taken = {member.index for arg in args for member in symbols(arg) if member.node is source}
    return len(taken) == source.size > 1


def _first_member(args: Any) -> tuple[int, int] | None:
    for arg in args:
        if type(arg) is Member and arg.node.kind in TASK_KINDS:
            return arg.node.group_id, arg.index
    return None


def _forget(history: History, group: int, kind: str) -> None:
    history.forget(group)
    if kind == "InitActors":
        # Tasks give their CPUs back as they end; nobody watches actors.
        history.release(group)
