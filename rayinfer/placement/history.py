"""What the policy is asked, and where the members of each group went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Request:
    """A run of members of one group that wants nodes.

    `on_group` names the group every member depends on; `matching` is `(group, first)` where member `i` depends on
    member `first + i` of a group; `on_task` gives, per member, the one task it depends on as `(group, index)`. `after`
    are the groups that end before these members start, whose CPUs they may take over.
    """

    group: int
    width: int
    cpus: float = 1.0
    on_group: int | None = None
    on_task: Sequence[tuple[int, int] | None] | None = None
    after: Iterable[int] = ()
    matching: tuple[int, int] | None = None

    @property
    def depends(self) -> bool:
        """Whether the members take anything from another group."""
        return self.on_group is not None or self.on_task is not None or self.matching is not None


@dataclass(slots=True)
class History:
    """Where the members of each known group went, and how many CPUs their unfinished members hold.

    Those that were left to Ray hold theirs, or wait for them, on a node that is not known: None.
    """

    placements: dict[int, list[str | None]] = field(default_factory=dict)
    running: dict[int, dict[str | None, float]] = field(default_factory=dict)
    load: dict[str, float] = field(default_factory=dict)

    def record(self, group: int, node: str | None, cpus: float) -> None:
        """Note that the next member of `group` was given `node` (None: left to Ray)."""
        self.record_all(group, [node], cpus)

    def record_all(self, group: int, nodes: Sequence[str | None], cpus: float) -> None:
        """Note that the next members of `group` were given `nodes`."""
        self.placements.setdefault(group, []).extend(nodes)
        if not cpus:
            return
        for node, count in Counter(nodes).items():
            held = self.running.setdefault(group, {})
            held[node] = held.get(node, 0.0) + count * cpus
            if node is not None:
                self.load[node] = self.load.get(node, 0.0) + count * cpus

    def finished(self, group: int, node: str | None, cpus: float) -> None:
        """Give back the CPUs of one member of `group` that ended on `node`."""
        held = self.running.get(group)
        if held is None or node not in held:
            return
        cpus = min(cpus, held[node])
        held[node] -= cpus
        if held[node] <= 0:
            del held[node]
            if not held:
                del self.running[group]
        if node is None:
            return
        self.load[node] -= cpus
        if self.load[node] <= 0:
            del self.load[node]

    def waits(self, group: int) -> bool:
        """Whether members of `group` that were left to Ray have not ended, and may not have begun."""
        return None in self.running.get(group, ())

    def forget(self, group: int) -> None:
        """Drop where the members of `group` went; what still runs stays counted until it ends."""
        self.placements.pop(group, None)

    def release(self, group: int) -> None:
        """Give back every CPU that `group` holds."""
        for node, cpus in list(self.running.get(group, {}).items()):
            self.finished(group, node, cpus)

    def nodes_of(self, group: int) -> list[str]:
        """The nodes that hold members of `group`, those that hold most first."""
        counts = Counter(self.placements.get(group, ()))
        return [node for node, _ in counts.most_common() if node is not None]

    def node_of(self, task: tuple[int, int] | None) -> str | None:
        """The node of one member, given as `(group, index)`; None where it is not known."""
        placed = self.placements.get(task[0], ()) if task is not None else ()
        return placed[task[1]] if task is not None and task[1] < len(placed) else None
