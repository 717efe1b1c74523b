"""The stream job tuned by hand with stock Ray: an executor per CPU that makes the batch once and runs whole chains."""

from __future__ import annotations

import runpy
import sys
import time
from argparse import Namespace
from pathlib import Path
from typing import Any

import numpy as np
import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

PLAIN = runpy.run_path(str(Path(__file__).resolve().parents[2] / "corpus" / "stream_mapreduce" / "plain.py"))


@ray.remote(num_cpus=0)
class Executor:
    """Runs the chains of one CPU; holds the batch, which every chain begins with."""

    def __init__(self, data_size: int) -> None:
        self.values = np.arange(data_size, dtype=np.float64) % 1000

    def run(self, start: float, maps: int, reducers: int) -> tuple[float, list[float]]:
        values = self.values
        for _ in range(maps):
            values = values + 1
        return start, [float(part.sum()) for part in np.array_split(values, reducers)]


def main(args: Namespace) -> int:
    """What `main` of the plain program does."""
    ray.init()
    nodes = [node["NodeID"] for node in ray.nodes() if node["Alive"]][: args.nodes]
    parallelism = args.nodes * args.cpus_per_node
    reducers = [PLAIN["Reducer"].remote(i) for i in range(args.reducers)]
    executors: list[Any] = []
    for i in range(parallelism):
        where = NodeAffinitySchedulingStrategy(nodes[i % len(nodes)], soft=True)
        executors.append(Executor.options(scheduling_strategy=where).remote(args.data_size))
    ray.get([executor.run.remote(0.0, 1, 1) for executor in executors])
    time.sleep(args.settle)
    for _ in range(args.iterations):
        start = time.time()
        parts = [executor.run.remote(start, args.maps, args.reducers) for executor in executors]
        for reducer in reducers:
            reducer.reduce.remote(*parts)
        time.sleep(args.tick)
    latencies = ray.get([reducer.get_latencies.remote() for reducer in reducers])
    sums = ray.get([reducer.get_sum.remote() for reducer in reducers])
    return PLAIN["report"](args, parallelism, sums, latencies)


if __name__ == "__main__":
    sys.exit(main(PLAIN["parse_args"]()))
