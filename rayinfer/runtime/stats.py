"""What an observer saw, summed up for each place in the program that submits."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from rayinfer.runtime.observer import Observer, Submission


@dataclass(slots=True)
class Site:
    """One place that submits, in one mode.

    `seconds` is how long its `timed` members ran in all, by Ray's events; `nodes` counts its tasks by the node they ran
    on; `moved` are the bytes that its members took from other nodes.
    """

    path: str
    line: int
    kind: str
    name: str
    mode: str
    why: str
    groups: int = 0
    members: int = 0
    tasks: int = 0
    timed: int = 0
    seconds: float = 0.0
    nodes: Counter[str] = field(default_factory=Counter)
    moved: int = 0
    failed: int = 0


def sites(observer: Observer) -> list[Site]:
    """The places that submit, in the order of their lines, one for each mode that members went in."""
    found: dict[tuple[str, int, str, str, str], Site] = {}
    for one in observer.submissions:
        site = found.setdefault(_key(one), Site(*_key(one), one.why))
        site.why = one.why
        site.groups += 1
        site.members += one.members
        site.tasks += len(one.sent)
        for sent in one.sent:
            run = observer.runs.get(sent.task)
            if run is None:
                continue
            if run.node is not None:
                site.nodes[run.node] += 1
            site.failed += run.failed
            if run.started is not None and run.ended is not None:
                site.timed += sent.count
                site.seconds += run.ended - run.started
    for taker, _, _, size in observer.transfers():
        found[_key(taker)].moved += size
    return sorted(found.values(), key=lambda site: (site.path, site.line))


def _key(one: Submission) -> tuple[str, int, str, str, str]:
    return one.path, one.line, one.kind, one.name, one.mode
