"""The placement policy on up to 10,000 nodes of 64 CPUs, a member for each: its time, and bytes moved, by policy.

    python -m benchmarks.placement        # prints the tables and writes benchmarks/results/placement.json

The graph is the stream job's: one broadcast value, a one-to-one chain over it, and reducers that each take all of it.
The time of a policy is that of placing all four groups, given as a ratio to the random policy of the same round, and in
seconds; the median of the rounds counts. The bytes moved are exact, and the same in every round.
"""

from __future__ import annotations

import platform
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.results import write_json
from rayinfer.compiler import compile_source
from rayinfer.placement import ClusterView, NodeView
from rayinfer.placement.simulation import POLICIES, simulate
from rayinfer.placement.workload import Sizes, workload

RESULTS = Path(__file__).parent / "results" / "placement.json"
SCRIPT = Path(__file__).resolve().parent.parent / "corpus" / "stream_mapreduce" / "plain.py"
ROUNDS = 3
CLUSTERS = ((5, 4, 5), (100, 64, 20), (1_000, 64, 20), (10_000, 64, 20))
RESULT_BYTES = 16_000_000


def measure(nodes: int, cpus: int, reducers: int) -> dict[str, Any]:
    """Seconds, ratio to random, and bytes moved of every policy on one cluster, one member per CPU in each group."""
    graphs = compile_source(SCRIPT.read_bytes(), str(SCRIPT)).graphs
    graph = next(graph for graph in graphs if graph.function == "main")
    sizes = Sizes({"args.reducers": reducers, "parallelism": nodes * cpus}, {"": RESULT_BYTES})
    works = workload(graph, sizes)
    view = ClusterView(tuple(NodeView(f"node{number}", cpus) for number in range(nodes)))
    seconds: dict[str, list[float]] = {policy: [] for policy in POLICIES}
    moved: dict[str, int] = {}
    for seed in range(ROUNDS):
        for policy in POLICIES:
            start = time.perf_counter()
            outcome = simulate(works, view, policy, seed)
            seconds[policy].append(time.perf_counter() - start)
            moved.setdefault(policy, outcome.total)
    ratio = {p: statistics.median(a / b for a, b in zip(seconds[p], seconds["random"], strict=True)) for p in POLICIES}
    members = sum(work.width for work in works)
    return {
        "nodes": nodes,
        "cpus": cpus,
        "members": nodes * cpus,
        "all_members": members,
        "policies": {
            policy: {
                "seconds": round(statistics.median(seconds[policy]), 4),
                "time_ratio_to_random": round(ratio[policy], 3),
                "moved_bytes": moved[policy],
                "moved_ratio_to_group": round(moved[policy] / moved["group"], 3) if moved["group"] else None,
            }
            for policy in POLICIES
        },
    }


def main() -> None:
    """Prints a line per cluster and policy, and writes them with the versions."""
    rows = [measure(*cluster) for cluster in CLUSTERS]
    for row in rows:
        print(f"{row['nodes']} nodes x {row['cpus']} CPUs, {row['all_members']} members in all groups")
        for policy, found in row["policies"].items():
            print(
                f"  {policy:12} {found['seconds']:8.3f} s  {found['time_ratio_to_random']:6.2f} x random's time  "
                f"{found['moved_bytes'] / 1e9:12.2f} GB moved  {found['moved_ratio_to_group']} x ours"
            )
    versions = {"python": platform.python_version(), "numpy": np.__version__}
    write_json(RESULTS, {"rounds": ROUNDS, "versions": versions, "clusters": rows})


if __name__ == "__main__":
    main()
