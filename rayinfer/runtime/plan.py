"""The plan of one batch: which groups fuse, and where every member goes."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import ray

from rayinfer.passes.fusion import Group, chains
from rayinfer.placement import ClusterView, History, Request, place
from rayinfer.runtime.bundles import Chain, accepted, chain_of
from rayinfer.runtime.calls import Member
from rayinfer.runtime.modes import available
from rayinfer.runtime.nodes import Node
from rayinfer.runtime.regions import Batch
from rayinfer.runtime.tasks import info

TASKS = ("Map", "Broadcast")


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


def fuse(batch: Batch) -> Plan:
    """Find the one-to-one chains of a batch whose middle is dead and whose tasks may share a process."""
    plan = Plan()
    nodes = list(dict.fromkeys(run[0] for run in batch.runs))
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
    fusible = info(node.task).fusible if whole else None
    return Group(node.group_id, node.size, fusible, sources, node in batch.dead)


def single(node: Node, batch: Batch, count: int) -> Fused | None:
    """A group by itself as a chain of one step, where its tasks may share a process and its refs stay with us."""
    if node in batch.open or node.kind != "Map" or node.offset or count != node.size or node.sources.unfusible:
        return None
    if node in node.sources.by_node:
        return None
    task = info(node.task)
    if task.fusible is None or not accepted([node], [task]):
        return None
    chain = chain_of([node], [task])
    return Fused([node], chain) if chain is not None else None


def inputs(fused: Fused) -> set[Any]:
    """The refs that a chain takes from outside itself."""
    return {ref for node in fused.nodes for ref in _outside(node, fused.nodes)}


def _late(chain: list[Node]) -> bool:
    """Whether a later step takes something that is not there yet, which the first would then wait for."""
    later = {ref for node in chain[1:] for ref in _outside(node, chain)}
    return not available(later - set(_outside(chain[0], chain)))


def _outside(node: Node, chain: list[Node]) -> Iterator[Any]:
    """The refs, of those there are yet, that a group takes from outside its chain."""
    for call in node.calls:
        for arg in (*call.args, *call.kwargs.values()) if call.kwargs else call.args:
            if type(arg) is ray.ObjectRef:
                yield arg
            elif type(arg) is Member and arg.node not in chain:
                refs = arg.node.refs
                index = 0 if arg.node.kind == "Broadcast" else arg.index
                if index < len(refs) and type(refs[index]) is ray.ObjectRef:
                    yield refs[index]


class Placer:
    """Places the groups of one batch, in program order; actors with the first group call on them."""

    def __init__(self, view: ClusterView, history: History, batch: Batch, plan: Plan) -> None:
        self.view = view
        self.history = history
        self.plan = plan
        self.nodes: dict[Node, list[str | None]] = {}
        self.before: dict[int, set[int]] = {}
        self.actors: dict[Node, int] = {}
        self.used = self._used(batch)
        self.batch = batch

    def run(self) -> dict[Node, list[str | None]]:
        """The node ids of every pending member of every group that is placed at all."""
        for node, start, stop in self.batch.runs:
            if node in self.plan.inner or node in node.sources.by_node:
                # Members that take others of their own group go where Ray finds their inputs.
                continue
            count = stop - start
            if node.kind == "InitActors":
                self.actors[node] = self.actors.get(node, 0) + count
                continue
            for actors in {t.node for t in node.targets if type(t) is Member} & self.actors.keys():
                self._place_actors(actors, node.objects)
            if node.kind in TASKS:
                self._place_tasks(node, start, count)
        beside = next((n for n in self.nodes if n not in self.batch.dead), None)
        for actors in list(self.actors):
            self._place_actors(actors, beside)
        return self.nodes

    def _place_actors(self, node: Node, beside: Node | None) -> None:
        count = self.actors.pop(node)
        task = info(node.task)
        if not task.placeable:
            return
        on_group = beside.group_id if beside is not None else None
        self._place(node, Request(node.group_id, count, task.cpus, on_group=on_group))

    def _place_tasks(self, node: Node, start: int, count: int) -> None:
        fused = self.plan.fused.get(node)
        task = info(node.task)
        if not task.placeable:
            return
        head = fused.nodes[0] if fused is not None else node
        sources = list(head.sources.by_node)
        after: set[int] = set()
        for source in (*sources, *head.sources.whole):
            after |= {source.group_id} | self.before.get(source.group_id, set())
        self.before[node.group_id] = after
        on_group, on_task = self._dependency(head, start, count)
        if on_group is None and on_task is None and node not in self.used:
            return
        self._place(node, Request(node.group_id, count, task.cpus, on_group, on_task, after))

    def _dependency(self, node: Node, start: int, count: int) -> tuple[int | None, list[Any] | None]:
        for source, link in node.sources.by_node.items():
            if source.kind == "Map":
                if link[0] == node.size:
                    return None, [(source.group_id, i) for i in range(start, start + count)]
                return None, [_first_member(call.args) for call in node.calls[start - node.offset :][:count]]
        group = node.objects
        for source in (*node.sources.by_node, *node.sources.whole):
            if group is None and source.kind in TASKS:
                group = source
        return (group.group_id if group is not None else None), None

    def _place(self, node: Node, request: Request) -> None:
        if not node.recorded:
            node.recorded = True
            weakref.finalize(node, _forget, self.history, node.group_id, node.kind).atexit = False
        self.nodes.setdefault(node, []).extend(place(self.view, self.history, request))

    def _used(self, batch: Batch) -> set[Node]:
        """The groups whose place matters to another: consumed in this batch, or kept as nodes for later ones."""
        used = {run[0] for run in batch.runs if run[0] not in batch.dead and run[0] not in batch.open}
        for node in {run[0] for run in batch.runs}:
            used.update(node.sources.by_node, node.sources.whole)
            if node.objects is not None:
                used.add(node.objects)
        return used


def _first_member(args: Any) -> tuple[int, int] | None:
    for arg in args:
        if type(arg) is Member and arg.node.kind in TASKS:
            return arg.node.group_id, arg.index
    return None


def _forget(history: History, group: int, kind: str) -> None:
    history.forget(group)
    if kind == "InitActors":
        # Tasks give their CPUs back as they end; nobody watches actors.
        history.release(group)
