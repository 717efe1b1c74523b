"""All workloads of the suite, in the order of its report."""

from __future__ import annotations

from benchmarks.suite import actors, classics, fan_out, loops, passing, scripts, singles, stream
from benchmarks.suite.workload import Workload

ALL: tuple[Workload, ...] = (
    *stream.WORKLOADS,
    *fan_out.WORKLOADS,
    *scripts.WORKLOADS,
    *actors.WORKLOADS,
    *loops.WORKLOADS,
    *singles.WORKLOADS,
    *passing.WORKLOADS,
    *classics.WORKLOADS,
)


def by_name(name: str) -> Workload:
    """The workload of this name; raises ValueError, which lists the names, when there is none."""
    for workload in ALL:
        if workload.name == name:
            return workload
    raise ValueError(f"no workload {name!r}: choose one of {', '.join(one.name for one in ALL)}")
