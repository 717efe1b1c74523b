"""What the policy sees of a cluster: its nodes, their CPUs, and whether they are alive."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Ints: TypeAlias = "NDArray[np.int64]"
# CPUs are counted in ten-thousandths, as Ray counts resources, so that fractions add up to what they should.
PER_CPU = 10_000


@dataclass(frozen=True, slots=True)
class NodeView:
    """One node: its id, its logical CPUs, and whether it can take work."""

    node_id: str
    cpus: float
    alive: bool = True


@dataclass(frozen=True, slots=True)
class ClusterView:
    """The nodes in a fixed order; the order breaks ties, so that placement is deterministic.

    `names` are the ids of the nodes that can take work, `order` the position of each.
    """

    nodes: tuple[NodeView, ...] = ()
    cpus: dict[str, float] = field(init=False, repr=False, compare=False)
    order: dict[str, int] = field(init=False, repr=False, compare=False)
    names: list[str] = field(init=False, repr=False, compare=False)
    _units: list[Ints] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        usable = [node for node in self.nodes if node.alive and node.cpus > 0]
        object.__setattr__(self, "cpus", {node.node_id: node.cpus for node in usable})
        object.__setattr__(self, "order", {node.node_id: i for i, node in enumerate(usable)})
        object.__setattr__(self, "names", [node.node_id for node in usable])
        object.__setattr__(self, "_units", [])

    @property
    def units(self) -> Ints:
        """The CPUs of the nodes that can take work, in ten-thousandths."""
        import numpy as np

        if not self._units:
            cpus = np.array(list(self.cpus.values()), dtype=float)
            self._units.append(np.rint(cpus * PER_CPU).astype(np.int64))
        return self._units[0]

    def room(self, cpus: float) -> int:
        """How many tasks that hold so many CPUs each run at a time."""
        return int(sum(self.cpus.values()) // cpus)
