"""A node that comes and goes in the middle of a steady loop: members run there, and every result is right."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
import ray

import rayinfer.inferred as ri
from tests.runtime.steady import executors_at_once, ready_executors


@ray.remote
def array(n):
    return np.ones(n)


@ray.remote
def plus(batch, i):
    return batch + i


@ray.remote
def total(values):
    return float(values.sum())


@ray.remote(num_cpus=0)
class Keeper:
    def __init__(self):
        self.totals = []

    def add(self, *totals):
        self.totals.append(totals)

    def get(self):
        return self.totals


@ray.remote(num_returns=2)
def halves(batch, i):
    # One result is large, the other travels inside of messages.
    return batch + i, (batch[:10] * i).tolist()


@ray.remote
def column(*parts):
    return [float(np.sum(part)) for part in parts]


@pytest.mark.timeout(300)
def test_a_node_comes_and_goes_in_the_middle_of_a_loop(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = executors_at_once(monkeypatch)
    ready_executors(1)
    extra: Any = None
    used: list[int] = []
    stays = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(cluster.head_node.node_id, soft=False)
    keeper = Keeper.options(scheduling_strategy=stays).remote()
    batch = ri.Broadcast(array, 1, 30_000)
    ri.evaluate(keep=[batch])
    # As many as the cluster has CPUs, and more once there is another node: these find room only there.
    width, widths = 10, list[int]()
    deadline = time.monotonic() + 200
    # Until some rounds after the node that came is gone, which happens some rounds after its first members.
    while len(used) < 10 or len(widths) < used[9] + 20:
        assert time.monotonic() < deadline, "no members run on a node that came"
        added = ri.Map(plus, batch, (ri.call(batch, i) for i in range(width)))
        sums = ri.Map(total, added, (ri.call(m) for m in ri.each(added)))
        ri.ReduceActors("add", [keeper], sums)
        ri.evaluate()
        widths.append(width)
        if len(widths) == 10:
            extra = cluster.add_node(num_cpus=4, include_dashboard=False, object_store_memory=200 * 2**20)
            width = 12
        if extra is not None and len(used) < 10 and extra.node_id in sums.placement:
            used.append(len(widths))
            if len(used) == 10:
                cluster.remove_node(extra)
                width = 10
        time.sleep(0.1)
    expected = [tuple(30_000.0 * (1 + i) for i in range(width)) for width in widths]
    assert ray.get(keeper.get.remote(), timeout=120) == expected
    assert begun, "executors took part"


@pytest.mark.timeout(300)
def test_a_node_goes_in_the_middle_of_a_loop_that_partitions(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    extra = cluster.add_node(num_cpus=4, include_dashboard=False, object_store_memory=200 * 2**20)
    begun = executors_at_once(monkeypatch)
    ready_executors(1)
    stays = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(cluster.head_node.node_id, soft=False)
    keeper = Keeper.options(scheduling_strategy=stays).remote()
    batch = ri.Broadcast(array, 1, 30_000)
    ri.evaluate(keep=[batch])
    # More than the other nodes have CPUs.
    rounds, width, gone_at = 0, 12, 0
    deadline = time.monotonic() + 200
    while not gone_at or rounds < gone_at + 15:
        assert time.monotonic() < deadline, "executors of a node that came took no part"
        maps = ri.Map(None, None, (ri.of(halves)(batch, i) for i in range(width)))
        sums = ri.Map(column, maps, (ri.call(*[m[i] for m in ri.each(maps)]) for i in range(2)))
        ri.ReduceActors("add", [keeper], sums)
        ri.evaluate()
        rounds += 1
        if not gone_at and rounds > 10 and any(slot.node == extra.node_id for slot, _ in begun):
            # What runs there now is not over.
            cluster.remove_node(extra)
            gone_at = rounds
        # Behind a backlog nothing is sent to a node that came, however slow the machine is.
        ray.get(keeper.get.remote(), timeout=120)
    expected = ([30_000.0 * (1 + i) for i in range(width)], [10.0 * i for i in range(width)])
    assert ray.get(keeper.get.remote(), timeout=120) == [expected] * rounds
