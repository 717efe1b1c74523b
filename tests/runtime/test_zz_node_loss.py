"""A node that goes away in the middle of a steady loop: every result is still right."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
import ray

import rayinfer.inferred as ri
from rayinfer.runtime import modes


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


def test_a_node_is_removed_in_the_middle_of_a_loop(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modes, "LONG", 10.0)
    extra = cluster.add_node(num_cpus=4, include_dashboard=False, object_store_memory=200 * 2**20)
    cluster.wait_for_nodes()
    time.sleep(2.1)
    stays = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(cluster.head_node.node_id, soft=False)
    keeper = Keeper.options(scheduling_strategy=stays).remote()
    batch = ri.Broadcast(array, 1, 30_000)
    ri.evaluate(keep=[batch])
    width, rounds = 12, 60
    for number in range(rounds):
        added = ri.Map(plus, batch, (ri.call(batch, i) for i in range(width)))
        sums = ri.Map(total, added, (ri.call(m) for m in ri.each(added)))
        ri.ReduceActors("add", [keeper], sums)
        ri.evaluate()
        if number == 40:
            cluster.remove_node(extra)
        time.sleep(0.1)
    expected = tuple(30_000.0 * (1 + i) for i in range(width))
    assert ray.get(keeper.get.remote(), timeout=120) == [expected] * rounds
