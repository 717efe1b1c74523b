"""A large array that is passed again and again is stored once, and again as soon as anything of it is another."""

from __future__ import annotations

import gc
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import ray

import rayinfer.inferred as ri
from benchmarks.object_store import Stores
from rayinfer.runtime import constants
from tests.environment import clean_environment

pytestmark = pytest.mark.usefixtures("cluster")
LARGE = 100_000  # float64 values


@ray.remote(num_cpus=0)
class Taker:
    def ends(self, values):
        assert not values.flags.writeable
        return values.shape, str(values.dtype), float(values.flat[0]), float(values.flat[-1])


@ray.remote
def ends(_, values):
    assert not values.flags.writeable
    return values.shape, str(values.dtype), float(values.flat[0]), float(values.flat[-1])


@pytest.fixture(scope="module")
def takers(cluster: Any):
    made = [Taker.remote() for _ in range(2)]
    yield made
    del made


@pytest.fixture
def puts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is stored, by the name of its type."""
    stored: list[str] = []
    put = ray.put
    monkeypatch.setattr(ray, "put", lambda value: (stored.append(type(value).__name__), put(value))[1])
    return stored


def of(values) -> Any:
    return values.shape, str(values.dtype), float(values.flat[0]), float(values.flat[-1])


def send(takers, values) -> None:
    """One round of calls on actors, which are sent at once."""
    refs = ri.evaluate(ri.MapActors("ends", takers, (ri.call(values) for _ in takers)))
    assert ray.get(refs) == [of(values)] * 2


def defer(_takers, values) -> None:
    """One round of tasks, which go out after what is pending before them."""
    refs = ri.evaluate(ri.Map(ends, None, (ri.call(i, values) for i in range(2))))
    assert ray.get(refs) == [of(values)] * 2


@pytest.fixture(params=[send, defer])
def go(request: pytest.FixtureRequest) -> Callable[..., None]:
    return request.param


def until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def test_what_stays_the_same_is_stored_twice_in_all(takers, puts, go) -> None:
    values = np.arange(LARGE, dtype=float)
    for _ in range(6):
        go(takers, values)
    # Rounds of a busy machine may lie so far apart that what is kept was released.
    assert 2 <= len(puts) < 6


def test_what_changes_in_any_way_is_stored_again(takers, puts, go) -> None:
    values = np.arange(LARGE, dtype=float)

    def same() -> None:
        return None

    def last() -> None:
        values[-1] = 5

    def shape() -> None:
        values.shape = (100, LARGE // 100)

    def kind() -> None:
        values.dtype = np.int64

    for change in (same, same, same, last, same, shape, same, kind, same):
        change()
        go(takers, values)
    assert len(puts) >= 7, "one that was seen to change is never kept again"


@pytest.mark.parametrize("change", ["last", "shape", "dtype"])
def test_each_change_is_seen_in_what_is_kept(takers, puts, go, change: str) -> None:
    values = np.arange(LARGE, dtype=float)
    go(takers, values)
    go(takers, values)
    if change == "last":
        values[-1] += 1
    elif change == "shape":
        values.shape = (LARGE, 1)
    else:
        values.dtype = np.int64
    go(takers, values)
    assert len(puts) == 3


def test_not_a_number_and_the_sign_of_zero_are_what_they_are(takers, puts) -> None:
    values = np.full(LARGE, np.nan)
    for number in (0.0, 0.0, -0.0):
        values[0] = number
        refs = ri.evaluate(ri.MapActors("ends", takers, (ri.call(values) for _ in takers)))
        assert {str(found[2]) for found in ray.get(refs)} == {str(number)}
    assert len(puts) == 3


def test_nothing_is_kept_of_values_that_are_new_each_time(takers, puts, go) -> None:
    for number in range(4):
        go(takers, np.full(LARGE, float(number)))
    assert len(puts) == 4
    gc.collect()
    assert constants._kept() == 0


def test_what_is_kept_goes_with_its_array_and_when_it_is_not_passed_any_more(takers, puts) -> None:
    stores = Stores()
    gc.collect()
    until(lambda: constants._kept() == 0, "something is left of another test")
    before = stores.look()[0]
    values = np.arange(LARGE, dtype=float)
    for _ in range(2):
        send(takers, values)
    until(lambda: constants._kept() == 0, "it is not released")
    assert stores.settled(before) <= before
    # As if its rounds lay far apart.
    for _ in range(2):
        send(takers, values)
    constants._arrays[id(values)].pause = 1e6
    assert constants._kept() == values.nbytes
    del values
    gc.collect()
    assert constants._kept() == 0
    assert stores.settled(before) <= before


def test_no_more_is_kept_than_a_share_of_the_store(takers, puts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "_SHARE", 1e-4)
    values = np.arange(LARGE, dtype=float)
    for _ in range(3):
        send(takers, values)
    assert len(puts) == 3
    assert constants._kept() == 0


def test_arrays_in_another_order_go_as_they_are(takers, puts) -> None:
    values = np.asfortranarray(np.arange(LARGE, dtype=float).reshape(100, -1))
    for _ in range(3):
        send(takers, values)
    assert len(puts) == 3


_SESSIONS = """\
import numpy as np
import ray

import rayinfer.inferred as ri
from rayinfer.runtime import constants


@ray.remote(num_cpus=0)
class Taker:
    def last(self, values):
        return float(values[-1])


values = np.arange(100_000.0)
for session in range(2):
    ray.init("local", num_cpus=1, include_dashboard=False, log_to_driver=False, logging_level="error")
    takers = [Taker.remote()]
    for round in range(3):
        refs = ri.evaluate(ri.MapActors("last", takers, (ri.call(values) for _ in takers)))
        assert ray.get(refs, timeout=90) == [99999.0]
        # As if its rounds lay far apart.
        constants._arrays[id(values)].pause = 1e6
        assert constants._kept() == (values.nbytes if round else 0), (session, round)
    ray.shutdown()
"""


def test_nothing_of_one_session_is_sent_in_the_next() -> None:
    environment = clean_environment(PYTHONPATH=str(Path(__file__).parents[2]))
    subprocess.run([sys.executable, "-c", _SESSIONS], env=environment, timeout=200, check=True)
