"""What large values that many take cost between nodes: what the runtime leaves to Ray, since Ray does it already."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

import rayinfer.inferred as ri
from benchmarks.object_store import MB, Stores

pytestmark = [pytest.mark.usefixtures("cluster"), pytest.mark.timeout(240)]
SIZE = 8 * MB


@ray.remote
def made() -> Any:
    return np.ones(SIZE // 8)


@ray.remote
def taken(values: Any, number: int) -> tuple[float, str]:
    return float(values[-1]) + number, ray.get_runtime_context().get_node_id()


@ray.remote
def busy(folder: str) -> None:
    Path(folder, "begun").touch()
    while not Path(folder, "over").exists():
        time.sleep(0.01)


def another_node() -> str:
    here = ray.get_runtime_context().get_node_id()
    return next(node["NodeID"] for node in ray.nodes() if node["Alive"] and node["NodeID"] != here)


def on(node: str) -> NodeAffinitySchedulingStrategy:
    return NodeAffinitySchedulingStrategy(node, soft=False)


def test_a_value_comes_to_a_node_once_however_many_of_its_members_take_it() -> None:
    node, here = another_node(), ray.get_runtime_context().get_node_id()
    values = made.options(scheduling_strategy=on(here)).remote()
    ray.wait([values])
    before = Stores().look()[1]
    task = taken.options(scheduling_strategy=on(node))
    sent = ri.Map(None, None, (ri.of(task)(values, number) for number in range(16)))
    assert ray.get(ri.evaluate(sent)) == [(1.0 + number, node) for number in range(16)]
    # Of all objects that were made meanwhile, on any node: one copy, and no other as large.
    assert SIZE <= Stores().look()[1] - before < 2 * SIZE


def test_a_value_of_a_group_comes_to_each_node_once() -> None:
    before = Stores().look()[1]
    values = ri.Broadcast(made, 1)
    sent = ri.Map(taken, values, (ri.call(values, number) for number in range(40)))
    found = ray.get(ri.evaluate(sent))
    assert [one for one, _ in found] == [1.0 + number for number in range(40)]
    copies = (Stores().look()[1] - before) // SIZE
    assert copies <= len({node for _, node in found} | {ray.get_runtime_context().get_node_id()})


def test_a_node_fetches_what_a_member_takes_before_it_has_a_cpu_for_it(tmp_path: Path) -> None:
    node, here = another_node(), ray.get_runtime_context().get_node_id()
    values = made.options(scheduling_strategy=on(here)).remote()
    ray.wait([values])
    cpus = next(one["Resources"]["CPU"] for one in ray.nodes() if one["NodeID"] == node)
    blocking = busy.options(scheduling_strategy=on(node), num_cpus=int(cpus)).remote(str(tmp_path))
    deadline = time.monotonic() + 120
    while not (tmp_path / "begun").exists():
        assert time.monotonic() < deadline, "nothing holds the node's CPUs"
        time.sleep(0.02)
    sent = ri.Map(None, None, (ri.of(taken.options(scheduling_strategy=on(node)))(values, 1) for _ in range(2)))
    waiting = ri.evaluate(sent)
    try:
        while node not in ray.experimental.get_object_locations([values])[values]["node_ids"]:
            assert time.monotonic() < deadline, "it is not fetched"
            time.sleep(0.02)
        assert not ray.wait([blocking, *waiting], timeout=0)[0]
    finally:
        (tmp_path / "over").touch()
    assert ray.get(waiting) == [(2.0, node)] * 2
