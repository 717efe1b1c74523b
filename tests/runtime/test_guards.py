"""What a guarded group finds when it runs on a cluster: deferred if it is Ray's, else called as plain Ray does."""

from __future__ import annotations

import logging

import pytest
import ray

import rayinfer.inferred as ri
from rayinfer.runtime import callees, regions

pytestmark = pytest.mark.usefixtures("cluster")


@ray.remote
def double(x):
    return x * 2


@ray.remote(num_returns=2)
def pair(x):
    return x, -x


@ray.remote
def stream(n):
    for i in range(n):  # noqa: UP028
        yield i


@ray.remote
class Log:
    def __init__(self):
        self.entries = []

    def add(self, *entries):
        self.entries += entries
        return len(self.entries)

    def get(self):
        return self.entries

    @ray.method(num_returns=2)
    def both(self):
        return 1, 2

    def each(self):
        for i in range(2):  # noqa: UP028
            yield i


@pytest.fixture(autouse=True)
def remarks(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture):
    monkeypatch.setattr(callees, "_told", set())
    caplog.set_level(logging.INFO, logger="rayinfer")
    yield lambda: [record.getMessage() for record in caplog.records if record.name == "rayinfer"]
    ri.evaluate()


def is_pending(node) -> bool:
    return bool(node.calls) and not node.refs


def test_tasks_and_classes_are_deferred(remarks) -> None:
    tasks = ri.Group(None, (ri.of(double)(i) for i in range(3)))
    optioned = ri.Group(None, (ri.options(double, num_cpus=0.5)(i) for i in range(3)))
    given = ri.Group(None, (ri.of(double.options(num_cpus=0.5))(i) for i in range(3)))
    actors = ri.Group(None, (ri.of(Log)() for _ in range(2)))
    assert [node.kind for node in (tasks, optioned, given, actors)] == ["Map", "Map", "Map", "InitActors"]
    assert all(map(is_pending, (tasks, optioned, given, actors)))
    calls = ri.MapActors(
        "add", None, (ri.of(a, "add")(t) for a, t in zip(ri.each(actors), ri.each(tasks), strict=False))
    )
    assert is_pending(calls)
    refs, more, last, counts = ri.evaluate(tasks, optioned, given, calls)
    assert ray.get(refs + more + last + counts) == [0, 2, 4] * 3 + [1, 1]
    assert not remarks()


def test_a_chain_of_guarded_tasks_is_one_task_per_member() -> None:
    first = ri.Group(None, (ri.of(double)(i) for i in range(4)))
    second = ri.Group(first, (ri.of(double)(m) for m in ri.each(first)))
    assert ray.get(ri.evaluate(second)) == [0, 4, 8, 12]
    with pytest.raises(RuntimeError, match="given up"):
        first.eval()


def test_several_results_are_deferred_as_a_list(remarks) -> None:
    pairs = ri.Group(None, (ri.of(pair)(i) for i in range(2)))
    optioned = ri.Map(None, None, (ri.options(double, num_returns=1)(m[1]) for m in ri.each(pairs)))
    assert len(pairs.calls) == 2 and len(optioned.calls) == 2
    found, doubled = ri.evaluate(pairs, optioned)
    assert [ray.get(one) for one in found] == [[0, 0], [1, -1]]
    assert ray.get(doubled) == [0, -2]
    assert not remarks()


def test_several_results_are_those_of_plain_ray(remarks) -> None:
    optioned = ri.Map(None, None, (ri.options(double, num_returns=0)(i) for i in range(2)))
    streams = ri.Group(None, (ri.of(stream)(2) for _ in range(2)))
    assert len(optioned.refs) == 2 and streams.direct and optioned.direct
    nothing, generators = ri.evaluate(optioned, streams)
    assert nothing == [None, None]
    assert [[ray.get(ref) for ref in one] for one in generators] == [[0, 1], [0, 1]]
    assert len(remarks()) == 2 and all("RI403" in text and f"{__file__}:" in text for text in remarks())


def test_methods_of_several_results(remarks) -> None:
    actors = ri.InitActors(Log, 2, (ri.call() for _ in range(2)))
    both = ri.MapActors("both", actors)
    each = ri.MapActors("each", None, (ri.of(a, "each")() for a in ri.each(actors)))
    assert both.direct and each.direct
    pairs, streams = ri.evaluate(both, each, keep=[actors])
    assert [ray.get(one) for one in pairs] == [[1, 2]] * 2
    assert [[ray.get(ref) for ref in one] for one in streams] == [[0, 1]] * 2
    assert len(remarks()) == 2 and all("RI403" in text for text in remarks())
    with pytest.raises(AttributeError, match="typo"):
        ri.MapActors("typo", actors)


def test_calls_on_one_actor_keep_their_order(remarks) -> None:
    log = Log.remote()
    before = ri.MapActors("add", [log], [ri.call("before")])
    one = ri.Group(None, (ri.of(log.add)(i) for i in range(3)))
    after = ri.MapActors("add", None, (ri.of(a, "add")("after") for a in [log]))
    assert one.direct and not before.calls and not after.direct and len(after.refs) == 1
    ri.evaluate()
    assert ray.get(log.get.remote()) == ["before", 0, 1, 2, "after"]
    (text,) = remarks()
    assert "RI402" in text


def test_what_is_not_of_ray_is_called_in_order_and_told_once(remarks) -> None:
    log = Log.remote()

    class Local:
        def remote(self, x):
            return ray.get(log.add.remote(x))

    for _ in range(2):
        ri.MapActors("add", None, (ri.of(a, "add")("pending") for a in [log]))
        group = ri.Group(None, (ri.of(task)(i) for i, task in enumerate([double, Local(), double])))
        values = ri.evaluate(group)
        assert ray.get([values[0], values[2]]) == [0, 4] and isinstance(values[1], int)
    assert ray.get(log.get.remote()) == ["pending", 1] * 2
    (text,) = remarks()
    assert "RI401 not a task or actor of Ray" in text


def test_no_remote_raises_as_it_is_looked_up() -> None:
    before = ri.Map(double, None, [ri.call(1)])
    with pytest.raises(AttributeError, match="'int' object has no attribute 'remote'"):
        ri.Group(None, (ri.of(3)(1 // 0) for _ in range(2)))
    assert not before.calls and not regions.current().runs
    assert ri.evaluate(ri.Group(None, (ri.of(3)(1) for _ in range(0)))) == []
    with pytest.raises(ValueError, match="num_cpus"):
        ri.Map(None, None, (ri.options(double, num_cpus=-1)(1 // 0) for _ in range(1)))


def test_options_survive_and_differ(remarks) -> None:
    there = ray.nodes()[0]["NodeID"]
    strategy = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(there, soft=False)
    where = ri.Map(None, None, (ri.options(node_of, scheduling_strategy=strategy)() for _ in range(2)))
    names = ri.Map(None, None, (ri.options(name_of_task, name=f"n{i}", num_cpus=0.5)() for i in range(3)))
    environment = {"env_vars": {"RAYINFER_TEST": "yes"}}
    actors = ri.InitActors(None, None, (ri.options(Log, runtime_env=environment, name=f"log{i}")() for i in range(2)))
    assert all(map(is_pending, (where, names, actors)))
    places, named, made = ri.evaluate(where, names, actors)
    assert ray.get(places) == [there] * 2
    assert ray.get(named) == ["n0", "n1", "n2"]
    assert ray.get_actor("log1") == made[1]
    assert not remarks()


@ray.remote
def node_of():
    return ray.get_runtime_context().get_node_id()


@ray.remote
def name_of_task():
    return ray.get_runtime_context().get_task_name()


def test_a_class_whose_name_is_hidden_is_made_at_once(remarks) -> None:
    hidden = Log.options(name="hidden")
    group = ri.Group(None, (ri.of(hidden)() for _ in range(1)))
    assert ray.get_actor("hidden") == group.refs[0]
    ri.evaluate(group)
    (text,) = remarks()
    assert "RI404" in text


def test_handles_are_not_kept() -> None:
    log = Log.remote()
    actor_id = log._actor_id
    ri.evaluate(ri.MapActors("add", None, (ri.of(a, "add")(1) for a in [log])))
    callee = ri.of(log.get)
    del callee, log
    assert all(getattr(seen, "_actor_id", None) != actor_id for seen in (callees._last[0], callees._last_options[0]))
