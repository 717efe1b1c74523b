"""What the policy sees of a cluster: its nodes, their CPUs, and whether they are alive."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class NodeView:
    """One node: its id, its logical CPUs, and whether it can take work."""

    node_id: str
    cpus: float
    alive: bool = True


@dataclass(frozen=True, slots=True)
class ClusterView:
    """The nodes in a fixed order; the order breaks ties, so that placement is deterministic."""

    nodes: tuple[NodeView, ...] = ()
    cpus: dict[str, float] = field(init=False, repr=False, compare=False)
    order: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        usable = [node for node in self.nodes if node.alive and node.cpus > 0]
        object.__setattr__(self, "cpus", {node.node_id: node.cpus for node in usable})
        object.__setattr__(self, "order", {node.node_id: i for i, node in enumerate(usable)})
