"""Where the groups of one batch go, in program order; actors with the first group call on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rayinfer.placement.history import History, Request
from rayinfer.placement.view import ClusterView

TASKS, ACTORS, CALLS = "tasks", "actors", "calls"


@dataclass(frozen=True, slots=True)
class Step:
    """A run of members of one group of a batch, as far as it matters for where members go.

    `kind` is `TASKS`, `ACTORS`, or `CALLS` on actors, which run where these are. Where `placeable` is false the
    program's own options decide. `on_group`, `on_task` and `matching` are those of a `Request`, `sources` all groups
    that must end before these members start. Calls go to the actors of the groups `calls`, which are placed beside the
    group `beside` when they wait for their first call. A place matters (`is_used`) where another member's may follow
    from it. Nobody outside the batch sees the results of a group that `is_dead`.
    """

    kind: str
    group: int
    width: int
    cpus: float = 1.0
    placeable: bool = True
    on_group: int | None = None
    on_task: Sequence[tuple[int, int] | None] | None = None
    matching: tuple[int, int] | None = None
    sources: Iterable[int] = ()
    calls: Iterable[int] = ()
    beside: int | None = None
    is_used: bool = True
    is_dead: bool = False

    def request(self, after: Iterable[int] = ()) -> Request:
        """What is asked of the policy for this run."""
        return Request(self.group, self.width, self.cpus, self.on_group, self.on_task, after, self.matching)


def place_batch(view: ClusterView, history: History, steps: Iterable[Step]) -> dict[int, list[str | None]]:
    """The node ids of the members of every group that is placed at all, by group, recorded in `history` too.

    What is not in the result is left to Ray: a group on which nothing depends, and which depends on nothing.
    """
    # Late, as it imports numpy: a script on one node, which is over soon, has nothing to place.
    from rayinfer.placement.policy import place

    placed: dict[int, list[str | None]] = {}
    alive: list[int] = []
    before: dict[int, set[int]] = {}
    waiting: dict[int, Step] = {}

    def put(step: Step, after: Iterable[int] = ()) -> None:
        if step.group not in placed and not step.is_dead:
            alive.append(step.group)
        placed.setdefault(step.group, []).extend(place(view, history, step.request(after)))

    def put_actors(group: int, beside: int | None) -> None:
        step = waiting.pop(group)
        if step.placeable:
            put(replace(step, on_group=beside))

    for step in steps:
        if step.kind == ACTORS:
            earlier = waiting.get(step.group)
            waiting[step.group] = step if earlier is None else replace(step, width=earlier.width + step.width)
            continue
        for group in step.calls:
            if group in waiting:
                put_actors(group, step.beside)
        if step.kind == TASKS and step.placeable:
            after: set[int] = set()
            for source in step.sources:
                after |= {source} | before.get(source, set())
            before[step.group] = after
            if step.is_used or step.request().depends:
                put(step, after)
    for group in list(waiting):
        put_actors(group, alive[0] if alive else None)
    return placed
