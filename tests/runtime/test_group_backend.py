"""What regions do: no deadlock, colocation, records that go, executors for steady loops."""

from __future__ import annotations

import gc
import time
import weakref

import numpy as np
import pytest
import ray

import rayinfer.inferred as ri
from rayinfer.runtime import group, modes
from rayinfer.runtime.nodes import Node

pytestmark = pytest.mark.usefixtures("cluster")


@ray.remote
def double(x):
    return x * 2


@ray.remote
def array(n):
    return np.zeros(n)


@ray.remote
def node_of(*_):
    return ray.get_runtime_context().get_node_id()


@ray.remote
def twice(x):
    return x, x


@ray.remote
class Log:
    def __init__(self, start=None):
        self.entries = [] if start is None else list(start)

    def add(self, *entries):
        self.entries += entries
        return len(self.entries)

    def get(self):
        return self.entries


def test_members_that_meet_through_an_actor_are_not_fused() -> None:
    log = Log.remote()
    a = ri.Map(report, None, (ri.call(log, i) for i in range(3)))
    b = ri.Map(meet, a, (ri.call(log, m) for m in ri.each(a)))
    assert ray.get(ri.evaluate(b)) == [3, 3, 3]


@ray.remote(num_cpus=0.1)
def report(log, i):
    ray.get(log.add.remote(i))
    return i


@ray.remote(num_cpus=0.1)
def meet(log, i):
    while len(ray.get(log.get.remote())) < 3:
        time.sleep(0.01)
    return 3


def test_members_are_colocated_with_their_inputs_and_actors_with_theirs() -> None:
    batch = ri.Broadcast(node_of, 1)
    ri.evaluate(keep=[batch])
    home = batch.placement[0]
    mapped = ri.Map(node_of, batch, (ri.call(batch) for _ in range(2)))
    then = ri.Map(node_of, mapped, (ri.call(m) for m in ri.each(mapped)))
    actors = ri.InitActors(Log, 2)
    ri.ReduceActors("add", actors, then)
    seen, logs = ri.evaluate(then, ri.MapActors("get", actors))
    assert home is not None
    assert ray.get(seen) == [home, home]
    assert ray.get(logs) == [[home, home]] * 2
    assert actors.dropped
    assert ray.get(batch.eval()) == [home]


def test_columns_and_a_gather_go_where_their_groups_are() -> None:
    maps = ri.Map(None, None, (ri.options(twice, num_returns=2)(i) for i in range(3)))
    columns = ri.Map(node_of, maps, (ri.call(*[m[i] for m in ri.each(maps)]) for i in range(2)))
    total = ri.Broadcast(node_of, 1, *ri.each(columns))
    ri.evaluate(keep=[maps, columns, total])
    assert columns.placement[0] is not None
    assert set(columns.placement) <= set(maps.placement)
    assert total.placement[0] == columns.placement[0]


def test_records_go_with_the_node() -> None:
    batch = ri.Broadcast(double, 1, 1)
    ri.evaluate(keep=[batch])
    number, alive = batch.group_id, weakref.ref(batch)
    assert number in group._history.placements
    ray.get(batch.eval())
    del batch
    gc.collect()
    assert alive() is None
    assert number not in group._history.placements


def test_old_groups_are_not_kept_alive_by_later_ones() -> None:
    current = ri.Map(double, None, [ri.call(1)])
    ri.evaluate(keep=[current])
    first = weakref.ref(current)
    for _ in range(3):
        current = ri.Map(double, current, (ri.call(m) for m in ri.each(current)))
        ri.evaluate(keep=[current])
    gc.collect()
    assert first() is None
    assert ray.get(current.eval()) == [16]
    assert sum(isinstance(thing, Node) and thing.kind == "Map" for thing in gc.get_objects()) < 20


def test_a_dead_group_says_so() -> None:
    a = ri.Map(double, None, [ri.call(1)])
    ri.evaluate()
    with pytest.raises(RuntimeError, match="keep"):
        list(ri.each(a))


def test_globals_are_captured_at_the_first_submission() -> None:
    namespace = {"ray": ray, "BIAS": 1}
    exec("def biased(x):\n    return x + BIAS", namespace)
    task = ray.remote(namespace["biased"])
    a = ri.Map(task, None, [ri.call(0)])
    namespace["BIAS"] = 100
    b = ri.Map(double, a, (ri.call(m) for m in ri.each(a)))
    assert ray.get(ri.evaluate(b)) == [2]
    assert ray.get(task.remote(0)) == 1


def test_a_steady_loop_moves_to_executors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modes, "LONG", 10.0)
    monkeypatch.setattr(modes, "START_SECONDS", 0.003)
    batch = ri.Broadcast(array, 1, 100)
    log = Log.remote()
    ri.evaluate(keep=[batch])
    ray.get(batch.eval())
    seen = set()
    deadline = time.time() + 60
    rounds = 0
    while "ExecutorExecutor" not in seen and time.time() < deadline:
        named = ri.Map(process_name, batch, (ri.call(batch) for _ in range(2)))
        twice = ri.Map(double, named, (ri.call(m) for m in ri.each(named)))
        ri.ReduceActors("add", [log], twice)
        ri.evaluate()
        rounds += 1
        entries = ray.get(log.get.remote())
        assert len(entries) == 2 * rounds
        seen = set(entries)
        time.sleep(0.05)
    assert "ExecutorExecutor" in seen


@ray.remote
def process_name(x):
    import inspect

    frames = [frame.f_locals.get("self") for frame, *_ in inspect.stack()]
    return "Executor" if any(type(f).__name__ == "Executor" for f in frames) else "task"
