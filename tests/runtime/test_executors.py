"""Executors: what they hold, how many there are, when they go, and what becomes of bundles whose executor ends."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import ray
from ray._private import state

import rayinfer.inferred as ri
from rayinfer.runtime import bundles, cluster, executors, modes
from tests.environment import clean_environment
from tests.runtime.steady import executors_at_once, ready_executors

pytestmark = pytest.mark.timeout(240)
TOOLS = {"end": os._exit}


@ray.remote
def step(x):
    return x + 1


@ray.remote
def ones(n):
    return np.ones(n)


@ray.remote
def total(values):
    return int(values.sum())


@ray.remote(max_retries=1)
def end_once(path, x):
    if x == 5 and not os.path.exists(path):
        with open(path, "w"):
            pass
        TOOLS["end"](1)
    return x


@ray.remote(max_retries=0)
def only_once(x):
    return x + 1


@ray.remote(num_cpus=0)
class Log:
    def __init__(self):
        self.entries = []

    def add(self, *entries):
        self.entries.append(entries)

    def get(self):
        return self.entries


@pytest.fixture(autouse=True)
def fresh(cluster: Any) -> None:
    """Nothing is known yet of how long tasks take."""
    bundles._chains.clear()


def until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + 90
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def let_all_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the pool let go of every executor, those of earlier tests too."""
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(executors, "IDLE_SECONDS", 0.2)
        executors.pool.want({}, cluster.view())
        until(lambda: not executors.pool.slots, "idle executors are let go")


def rounds_of(task: Any, log: Any, rounds: int, *before: Any, width: int = 2) -> None:
    """Rounds of a group that an actor takes, of which each has ended before the next begins."""
    for number in range(rounds):
        made = ri.Map(task, None, (ri.call(*before, number + i) for i in range(width)))
        ri.ReduceActors("add", [log], made)
        ri.evaluate()
        assert len(ray.get(log.get.remote(), timeout=90)) == number + 1


def test_idle_executors_hold_no_cpu_and_are_no_more_than_the_cpus(monkeypatch: pytest.MonkeyPatch) -> None:
    let_all_go(monkeypatch)
    view = cluster.view()
    ready_executors(1)
    total = ray.cluster_resources()["CPU"]
    until(lambda: ray.available_resources().get("CPU") == total, "an idle executor holds a CPU")
    small = min(view.cpus, key=lambda node: view.cpus[node])
    executors.pool.want({small: 99}, view)
    assert executors.pool.wanted == {small: 2}
    until(lambda: not executors.pool.wanted, "executors come up")
    assert len(executors.pool.slots[small]) == 2
    executors.pool.want({None: 99}, view)
    assert executors.pool.wanted == {None: 10}
    executors.pool.want({}, view)


def test_a_bundle_runs_again_when_its_executor_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = executors_at_once(monkeypatch)
    ready_executors(1)
    log = Log.remote()
    rounds_of(end_once, log, 12, str(tmp_path / "ended"))
    assert ray.get(log.get.remote()) == [(number, number + 1) for number in range(12)]
    assert begun and {retries for _, retries in begun} == {1}


def test_what_may_run_only_once_goes_to_no_executor(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = executors_at_once(monkeypatch)
    ready_executors(1)
    log = Log.remote()
    rounds_of(only_once, log, 12)
    assert not begun
    rounds_of(step, Log.remote(), 12)
    assert {retries for _, retries in begun} == {3}, "Ray's default"


def test_widths_and_sizes_that_change_from_round_to_round(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = executors_at_once(monkeypatch)
    ready_executors(1)
    log, expected = Log.remote(), []
    for number in range(24):
        width, size = (2, 3, 1)[number // 4 % 3], 10 ** (1 + number % 6)
        made = ri.Map(ones, None, (ri.call(size) for _ in range(width)))
        sums = ri.Map(total, made, (ri.call(one) for one in ri.each(made)))
        ri.ReduceActors("add", [log], sums)
        ri.evaluate()
        expected.append((size,) * width)
        assert len(ray.get(log.get.remote(), timeout=90)) == number + 1
    assert ray.get(log.get.remote()) == expected
    assert begun


def test_a_site_that_executors_slow_down_goes_back_to_tasks(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    begun = executors_at_once(monkeypatch)
    ready_executors(1)
    monkeypatch.setattr(modes, "START_SECONDS", 0.04)
    begin = executors.Slot.begin

    def slow(slot: executors.Slot, *given: Any) -> Any:
        time.sleep(0.03)
        return begin(slot, *given)

    monkeypatch.setattr(executors.Slot, "begin", slow)
    with caplog.at_level("INFO", logger="rayinfer"):
        rounds_of(step, Log.remote(), 90)
    assert 25 <= len(begun) / 2 <= 45
    (record,) = (record for record in caplog.records if "as in plain Ray" in record.getMessage())
    assert "step" in record.getMessage()


def test_executors_are_given_back_after_idling(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [slot.handle._actor_id.hex() for slot in ready_executors(1)]
    let_all_go(monkeypatch)
    gc.collect()
    until(lambda: all(state.actors(one)["State"] == "DEAD" for one in ids), "their processes end")


_DRIVER = """\
import sys

import ray

import rayinfer.inferred as ri
from rayinfer.runtime import modes
from tests.runtime.test_executors import Log, rounds_of, step

modes.LONG, modes.START_SECONDS = 10.0, 0.003
ray.init(sys.argv[1], log_to_driver=False, logging_level="error")
log = Log.remote()
rounds_of(step, log, 15)
print(len(ray.get(log.get.remote())))
"""


def test_two_jobs_and_the_plain_tasks_of_a_third_all_end(cluster: Any) -> None:
    root = str(Path(__file__).parents[2])
    environment = clean_environment(PYTHONPATH=root)
    command = [sys.executable, "-c", _DRIVER, cluster.address]
    drivers = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    try:
        while any(driver.poll() is None for driver in drivers):
            assert ray.get([step.remote(i) for i in range(10)], timeout=60) == list(range(1, 11))
            time.sleep(0.2)
        assert [driver.communicate()[0].split()[-1] for driver in drivers] == ["15", "15"]
    finally:
        for driver in drivers:
            driver.kill()
