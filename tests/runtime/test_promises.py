"""What plain Ray gives, a region gives: values, exceptions, order, arguments as of submission."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import ray

import rayinfer.inferred as ri
from rayinfer.runtime import bundles, regions, watcher

pytestmark = pytest.mark.usefixtures("cluster")


@ray.remote
def double(x):
    return x * 2


@ray.remote
def total(values):
    return sum(values)


@ray.remote
def boxed(x):
    return [x]


@ray.remote
def grow_both(a, b):
    a.append(1)
    return a, b


@ray.remote
def array(n):
    return np.zeros(n)


@ray.remote
def write_to(a):
    a[0] = 1
    return a


@ray.remote
def fail_on(x, bad):
    if x == bad:
        raise ValueError(f"bad {x}")
    return x


@ray.remote
class Log:
    def __init__(self, start=None):
        self.entries = [] if start is None else list(start)

    def add(self, *entries):
        self.entries += entries
        return len(self.entries)

    def get(self):
        return self.entries


def chain(first, second, values):
    a = ri.Map(first, None, (ri.call(v) for v in values))
    b = ri.Map(second, a, (ri.call(m) for m in ri.each(a)))
    return ri.evaluate(b)


def test_a_chain_gives_plain_results_as_one_task_per_member() -> None:
    assert ray.get(chain(double, double, range(5))) == [0, 4, 8, 12, 16]
    assert any(known.name == "double+double" for known in bundles._chains.values())


def test_what_escapes_is_a_plain_list_of_refs() -> None:
    refs = ri.evaluate(ri.Map(double, None, (ri.call(i) for i in range(3))))
    assert type(refs) is list
    assert [type(ref) for ref in refs] == [ray.ObjectRef] * 3
    one, many = ri.evaluate(ri.Broadcast(double, 1, 4), ri.Map(double))
    assert ray.get(one) == 8
    assert many == []
    assert ri.evaluate() is None


def test_arguments_are_as_of_submission() -> None:
    numbers, box, values = [1, 2], {"a": [1]}, np.ones(3)
    large = np.ones(50_000)
    group = ri.Map(total, None, [ri.call(numbers), ri.call(box["a"]), ri.call(values), ri.call(large)])
    numbers.append(100)
    box["a"].append(100)
    values[:] = 100
    large[:] = 100
    assert ray.get(ri.evaluate(group)) == [3, 1, 3.0, 50_000.0]


def test_arrays_are_read_only_between_fused_steps() -> None:
    for n in (10, 100_000):
        with pytest.raises(ValueError, match="read-only"):
            ray.get(chain(array, write_to, [n]))


def test_arrays_given_by_value_are_read_only_in_bundles_and_alone() -> None:
    for n in (10, 100_000):
        a = ri.Map(write_to, None, [ri.call(np.zeros(n))])
        b = ri.Map(double, a, (ri.call(m) for m in ri.each(a)))
        with pytest.raises(ValueError, match="read-only"):
            ray.get(ri.evaluate(b)[0])


def test_one_list_in_two_arguments_arrives_as_two() -> None:
    a = ri.Map(boxed, None, (ri.call(i) for i in range(2)))
    b = ri.Map(grow_both, a, (ri.call(m, m) for m in ri.each(a)))
    assert ray.get(ri.evaluate(b)) == [([0, 1], [0]), ([1, 1], [1])]
    shared = [5]
    a = ri.Map(grow_both, None, [ri.call(shared, shared)])
    b = ri.Map(double, a, (ri.call(m) for m in ri.each(a)))
    assert ray.get(ri.evaluate(b)) == [([5, 1], [5]) * 2]


def test_one_ref_given_to_two_steps_arrives_as_two_copies() -> None:
    ref = ray.put([7])
    ray.wait([ref])
    a = ri.Map(grow_both, None, [ri.call(ref, ref)])
    b = ri.Map(grow_all, a, (ri.call(m, ref) for m in ri.each(a)))
    assert ray.get(ri.evaluate(b)) == [(([7, 1], [7]), [7])]


@ray.remote
def grow_all(a, b):
    return a, b


def test_a_failing_first_step_raises_its_type_and_fails_alone() -> None:
    a = ri.Map(fail_on, None, (ri.call(i, 1) for i in range(3)))
    b = ri.Map(double, a, (ri.call(m) for m in ri.each(a)))
    refs = ri.evaluate(b)
    assert ray.get(refs[0]) == 0
    assert ray.get(refs[2]) == 4
    with pytest.raises(ValueError, match="bad 1") as raised:
        ray.get(refs[1])
    assert 'raise ValueError(f"bad {x}")' in str(raised.value)


def test_a_wrong_signature_raises_where_it_stands_after_the_members_before_it() -> None:
    log = Log.remote()
    ri.MapActors("add", [log], [ri.call("first")])
    with pytest.raises(TypeError):
        ri.Map(double, None, [ri.call(1), ri.call(1, 2, 3)])
    with pytest.raises(AttributeError, match="missing"):
        ri.MapActors("missing", [log])
    with pytest.raises(TypeError):
        ri.MapActors("get", [log], [ri.call(1)])
    made = ri.InitActors(Log, 1)
    with pytest.raises(TypeError):
        ri.MapActors("add", made, [ri.call(entry="x")])
    with pytest.raises(AttributeError, match="missing"):
        ri.MapActors("missing", made)
    with pytest.raises(TypeError):
        ri.InitActors(Log, 1, [ri.call(1, 2)])
    with pytest.raises(TypeError):
        ri.InitActors(Log.options(num_cpus=0), 1, [ri.call(1, 2)])
    assert ray.get(log.get.remote()) == ["first"]
    assert ri.evaluate() is None


def test_an_argument_that_cannot_be_pickled_raises_type_error() -> None:
    with pytest.raises(TypeError):
        ri.evaluate(ri.Map(double, None, [ri.call(threading.Lock())]))
    ri.evaluate()


def test_the_first_call_of_a_task_raises_where_it_stands() -> None:
    @ray.remote
    def never_called(x: int) -> int:
        return x

    with pytest.raises(TypeError):
        ri.Map(never_called, None, [ri.call(1, 2, 3)])
    ri.evaluate()


def test_the_first_steps_of_chains_run_where_a_submission_between_them_raises(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @ray.remote
    def leave(i: int) -> int:
        (tmp_path / f"left {i}").touch()
        return i

    @ray.remote
    def refused(i: int) -> int:
        return i

    def refuse(*_args: Any) -> None:
        raise ValueError("refused")

    monkeypatch.setattr(refused, "remote", refuse)
    ones = ri.Map(leave, None, (ri.call(i) for i in range(3)))
    ri.Map(refused, None, [ri.call(1)])
    ri.Map(double, ones, (ri.call(one) for one in ri.each(ones)))
    with pytest.raises(ValueError, match="refused"):
        ri.evaluate()
    deadline = time.monotonic() + 60
    while len(list(tmp_path.iterdir())) < 3:
        assert time.monotonic() < deadline, "what was submitted is lost"
        time.sleep(0.1)


def test_a_generator_that_raises_leaves_what_was_built_submitted() -> None:
    log = Log.remote()

    def calls():
        yield ri.call("a")
        raise KeyError("broken")

    with pytest.raises(KeyError, match="broken"):
        ri.MapActors("add", [log, log], calls())
    assert ray.get(log.get.remote()) == ["a"]
    ri.evaluate()


def test_calls_reach_an_actor_in_program_order_across_groups() -> None:
    log = Log.remote()
    first, second = ri.MapActors("add"), ri.MapActors("add")
    for i in range(4):
        first.append(ri.call(("first", i)), actor=log)
        second.append(ri.call(("second", i)), actor=log)
    ri.evaluate()
    assert ray.get(log.get.remote()) == [(name, i) for i in range(4) for name in ("first", "second")]


def test_what_nobody_gets_still_runs() -> None:
    log = Log.remote()
    ri.MapActors("add", [log], [ri.call(1)])
    ri.evaluate()
    deadline = time.time() + 10
    while ray.get(log.get.remote()) != [1] and time.time() < deadline:
        time.sleep(0.05)
    assert ray.get(log.get.remote()) == [1]


def test_a_region_left_by_an_exception_is_submitted() -> None:
    log = Log.remote()
    with pytest.raises(ZeroDivisionError):
        ri.MapActors("add", [log], [ri.call(1 / (1 - 1))])
    ri.MapActors("add", [log], [ri.call("left")])
    deadline = time.time() + 10
    while regions.current().runs and time.time() < deadline:
        time.sleep(0.001)
    # The watcher may still be submitting: the next call on the actor comes after it all the same.
    assert ray.get(log.get.remote()) == ["left"]
    ri.evaluate()


def test_open_groups_grow_across_regions() -> None:
    refs = ri.Map(double)
    for i in range(3):
        refs.append(ri.call(i))
        ri.evaluate(keep=[refs])
    assert ray.get(ri.evaluate(refs)) == [0, 2, 4]


def test_a_region_whose_arguments_are_slow_to_make_is_submitted_early() -> None:
    log = Log.remote()
    calls = ri.MapActors("add")
    while not calls.refs and len(calls) < 1000:
        calls.append(ri.call(), actor=log)
        time.sleep(0.01)
    assert calls.refs
    refs = ri.evaluate(calls)
    assert len(refs) == len(calls.refs) or calls.dropped
    assert ray.get(refs[-1]) == 0


def test_members_that_plain_ray_would_still_be_submitting_wait_for_the_end_of_their_region(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A machine that is busy while they are made would have them submitted: it is asked for, but not done.
    monkeypatch.setattr(watcher.watcher, "watch", lambda _region: None)
    many = ri.Map(double, None, (ri.call(i) for i in range(200_000)))
    region = regions.current()
    assert not region.is_late(region.since + 2 * regions.ABANDONED)
    assert region.is_late(region.since + 200_000 * regions.LEAST_SUBMIT_SECONDS + regions.ABANDONED)
    assert ri.get(many) == [2 * i for i in range(200_000)]


def test_nested_members_and_whole_groups_arrive_as_refs() -> None:
    a = ri.Map(double, None, (ri.call(i) for i in range(3)))
    whole = ri.Broadcast(get_all, 1, a)
    nested = ri.Map(get_all, None, [ri.call(list(ri.each(a)))])
    one, many = ri.evaluate(whole, nested)
    assert ray.get(one) == [0, 2, 4]
    assert ray.get(many) == [[0, 2, 4]]


@ray.remote
def get_all(refs):
    assert all(type(ref) is ray.ObjectRef for ref in refs)
    return ray.get(refs)


def test_a_foreign_task_is_called_as_the_plain_program_does(caplog: pytest.LogCaptureFixture) -> None:
    class Fake:
        def remote(self, x):
            return ("local", x)

    group = ri.Map(Fake(), None, (ri.call(i) for i in range(2)))
    assert ri.evaluate(group) == [("local", 0), ("local", 1)]
    with pytest.raises(AttributeError, match="remote"):
        ri.Map(len, None, [ri.call([])])
    assert "not a task or actor of Ray" in caplog.text
    ri.evaluate()


def test_options_are_handed_through() -> None:
    two = ri.Map(pair.options(num_returns=2), None, [ri.call(1)])
    (refs,) = ri.evaluate(two)
    assert ray.get(refs) == [1, 2]
    there = ray.nodes()[0]["NodeID"]
    strategy = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(there, soft=False)
    where = ri.Map(node_of.options(scheduling_strategy=strategy), None, (ri.call() for _ in range(3)))
    assert ray.get(ri.evaluate(where)) == [there] * 3


@ray.remote
def pair(x):
    return x, x + 1


@ray.remote
def node_of(*_):
    return ray.get_runtime_context().get_node_id()


def test_plans_too_large_for_a_message_go_by_the_object_store() -> None:
    table = bytes(100_000)

    def look(x):
        return x + len(table)

    task = ray.remote(look)
    assert ray.get(chain(task, task, range(3))) == [200_000 + i for i in range(3)]


def test_keyword_arguments_in_a_chain() -> None:
    a = ri.Map(fail_on, None, (ri.call(bad=7, x=i) for i in range(2)))
    b = ri.Map(fail_on, a, (ri.call(x=m, bad=9) for m in ri.each(a)))
    assert ray.get(ri.evaluate(b)) == [0, 1]


def test_threads_have_regions_of_their_own() -> None:
    import threading

    log = Log.remote()
    pending = ri.MapActors("add", [log], [ri.call("main")])

    def other() -> None:
        ri.MapActors("add", [log], [ri.call("other")])
        ri.evaluate()

    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    assert ray.get(log.get.remote()) in (["other"], ["main", "other"], ["other", "main"])
    ray.get(ri.evaluate(pending))
    assert sorted(ray.get(log.get.remote())) == ["main", "other"]
