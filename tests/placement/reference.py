"""The placement policy said member by member, with sets of nodes alone: what the vectorised one must agree with."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import HealthCheck

from rayinfer.placement import ClusterView, History, Request

# On a busy machine an example may take long.
PATIENT: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}


def reference(view: ClusterView, history: History, request: Request) -> list[str | None]:
    """The node of every member of `request`; `history` stays as it is."""
    if any(None in history.running.get(group, {}) for group in request.after):
        return [None] * request.width
    cpus = {node: Fraction(str(amount)) for node, amount in view.cpus.items()}
    step = Fraction(str(request.cpus))
    weight = step or Fraction(1)
    used = {node: as_fraction(history.load.get(node, 0.0)) for node in cpus}
    for group in request.after:
        for node, held in history.running.get(group, {}).items():
            if node in used:
                used[node] -= as_fraction(held)
    own = {node: history.placements.get(request.group, []).count(node) * weight for node in cpus}
    chosen: list[str | None] = [None] * request.width

    def fits(node: str) -> bool:
        return own[node] + weight <= cpus[node] and (not step or used[node] + step <= cpus[node])

    def take(member: int, node: str) -> None:
        own[node] += weight
        used[node] += step
        chosen[member] = node

    def load(node: str) -> tuple[Fraction, int]:
        return (used[node] + (0 if step else own[node])) / cpus[node], view.order[node]

    for member in range(request.width):
        wanted = history.node_of(task_of(request, member))
        if wanted in cpus and fits(wanted):
            take(member, wanted)
    group_nodes = history.nodes_of(request.on_group) if request.on_group is not None else []
    preferred = [node for node in (*group_nodes, *history.nodes_of(request.group)) if node in cpus]
    last = None
    for member in range(request.width):
        if chosen[member] is not None:
            continue
        node = next((node for node in preferred if request.depends and fits(node)), None)
        if node is None and request.depends and last is not None and fits(last):
            node = last
        if node is None:
            node = min((node for node in cpus if fits(node)), key=load, default=None)
        if node is None:
            break
        last = node
        take(member, node)
    return chosen


def task_of(request: Request, member: int) -> tuple[int, int] | None:
    """The one task that a member depends on."""
    if request.matching is not None:
        return request.matching[0], request.matching[1] + member
    return request.on_task[member] if request.on_task is not None else None


def as_fraction(cpus: float) -> Fraction:
    """CPUs as Ray counts them, in ten-thousandths."""
    return Fraction(round(cpus * 10_000), 10_000)
