"""Tiles: members that take earlier ones of their own group, many of which run as one call on a real cluster."""

from __future__ import annotations

import os
import pickle
import time

import numpy as np
import pytest
import ray
from ray import cloudpickle

import rayinfer.inferred as ri
from rayinfer.runtime import bundles, forest_worker, tile_worker, tiles, tracker, worker
from rayinfer.runtime.grids import Part

pytestmark = pytest.mark.usefixtures("cluster")
SIDE = 12


@ray.remote
def paths(up, left):
    """How many ways lead to a cell."""
    return 1 if up is None and left is None else (up or 0) + (left or 0)


@ray.remote
def checked(up, left, bad):
    if bad:
        raise ValueError("bad cell")
    return 1 if up is None else up


@ray.remote
def arrays(before, own, ones):
    """Arrays come read-only, lists as copies; what is given back is changed in place by nobody."""
    own.append(1)
    if before is None:
        return np.zeros(3), own, True
    array, seen, fine = before
    seen.append(2)
    return array + ones, seen, fine and not array.flags.writeable and not ones.flags.writeable


@ray.remote
def slow(before, seconds):
    time.sleep(seconds)
    return [os.getpid(), *(before or [])]


@pytest.fixture(autouse=True)
def known():
    """Members are known to be short, so that every batch is tiled."""
    tiles._seconds.clear()
    tiles._took.clear()
    measured = tiles.length_of
    tiles.length_of = lambda cells, cpus, chain: 4
    yield
    tiles.length_of = measured
    tiles._seconds.clear()
    tiles._took.clear()


def wavefront(task, *more):
    table = ri.Map(task, into=ri.tiled([[None] * SIDE for _ in range(SIDE)], 2))
    for i in range(SIDE):
        for j in range(SIDE):
            up = table[i - 1][j] if i else None
            left = table[i][j - 1] if j else None
            table[i][j] = ri.call(up, left, *[one(i, j) for one in more])
    return table


def calls_made(table) -> int:
    """How many Ray tasks ran the members."""
    assert all(type(ref) is Part for ref in table.refs)
    return len({ref.carrier.task_id() for ref in table.refs})


def test_a_wavefront_runs_in_tiles() -> None:
    table = wavefront(paths)
    ri.evaluate(keep=[table])
    assert calls_made(table) < SIDE * SIDE / 4
    last = table[SIDE - 1][SIDE - 1]
    assert type(last) is ray.ObjectRef
    assert ray.get(last) == 705432
    assert [ray.get(table[i][1]) for i in (0, 5, -1)] == [1, 6, 12]
    assert ray.get(paths.remote(table[1][1], table[2][1])) == 5
    assert table[3][3] is table[3][3]


def test_a_wavefront_runs_in_batches() -> None:
    table = ri.Map(paths, into=ri.tiled([[None] * SIDE for _ in range(SIDE)], 2))
    for i in range(SIDE):
        for j in range(SIDE):
            table[i][j] = ri.call(table[i - 1][j] if i else None, table[i][j - 1] if j else None)
            if i * SIDE + j in (0, 30, 31, 77):
                table.home.flush()
    ri.evaluate(keep=[table])
    assert calls_made(table) < SIDE * SIDE / 2
    assert ray.get(table[-1][-1]) == 705432


def test_a_member_fails_alone_with_what_takes_it() -> None:
    table = wavefront(checked, lambda i, j: (i, j) == (5, 5))
    ri.evaluate(keep=[table])
    assert ray.get(table[-1][4]) == 1
    assert ray.get(table[4][-1]) == 1
    for cell in ((5, 5), (-1, 5)):
        with pytest.raises(ValueError, match="bad cell") as caught:
            ray.get(table[cell[0]][cell[1]])
        assert "in checked" in str(caught.value)


def test_values_pass_as_arguments_of_tasks_do() -> None:
    chain = ri.Map(arrays, into=ri.tiled([None] * 6))
    given = []
    for i in range(6):
        chain[i] = ri.call(chain[i - 1] if i else None, given, np.ones(3))
        given.append("later")
    ri.evaluate(keep=[chain])
    assert calls_made(chain) < 6
    array, seen, fine = ray.get(chain[5])
    assert array.tolist() == [5, 5, 5] and fine
    assert seen == [1, 2, 2, 2, 2, 2]
    assert ray.get(chain[3])[1] == [1, 2, 2, 2]


def test_a_tile_that_takes_long_is_given_back() -> None:
    grid = ri.Map(slow, into=ri.tiled([[None] * 4 for _ in range(4)], 2))
    for i in range(4):
        for j in range(4):
            grid[i][j] = ri.call(grid[i - 1][j] if i else None, 0.2)
    ri.evaluate(keep=[grid])
    assert calls_made(grid) <= 2
    found = [ray.get(grid[3][j]) for j in range(4)]
    assert all(len(pids) == 4 for pids in found)
    assert len({pid for pids in found for pid in pids}) > 1


def test_what_is_not_known_runs_one_by_one_until_it_is() -> None:
    tiles.length_of = lambda cells, cpus, chain: 4 if tiles._seconds else 1
    for _ in range(2):
        table = wavefront(paths)
        ri.evaluate(keep=[table])
        assert ray.get(table[-1][-1]) == 705432
    assert tiles._seconds


def test_what_a_batch_took_is_noted_when_it_is_over() -> None:
    table = wavefront(paths)
    ri.evaluate(keep=[table])
    assert ray.get(table[-1][-1]) == 705432
    (chain,) = tiles._seconds
    deadline = time.monotonic() + 30
    while chain not in tiles._took and time.monotonic() < deadline:
        tracker.prune()
    assert list(tiles._took[chain]) == [4]
    assert 0 <= tiles._took[chain][4] < 30 / SIDE**2


@ray.remote
def of_shared(text, box, array, before, step=0):
    """What all take comes to each as a task's argument does: a list of its own, arrays that it cannot change."""
    box.append(text)
    return [*(before or []), (len(box), float(array.sum()), array.flags.writeable, step)]


@ray.remote
def fails():
    raise ValueError("no input")


def test_refs_that_all_members_take_are_given_to_each() -> None:
    text, box, array = ray.put("x"), ray.put([]), ray.put(np.ones(50_000))
    chain = ri.Map(of_shared, into=ri.tiled([None] * 8))
    for i in range(8):
        chain[i] = ri.call(text, box, array, chain[i - 1] if i else None, step=i)
    ri.evaluate(keep=[chain])
    assert calls_made(chain) < 8
    assert ray.get(chain[7]) == [(1, 50_000.0, False, i) for i in range(8)]
    assert ray.get(box) == []


def test_a_ref_that_fails_fails_all_that_take_it() -> None:
    missing = fails.remote()
    chain = ri.Map(paths, into=ri.tiled([None] * 6))
    for i in range(6):
        chain[i] = ri.call(missing, chain[i - 1] if i else 1)
    ri.evaluate(keep=[chain])
    for i in range(6):
        with pytest.raises(ValueError, match="no input"):
            ray.get(chain[i])


def test_a_ref_that_some_take_and_that_is_not_there_keeps_a_group_out_of_tiles() -> None:
    stored = slow.remote(None, 0.5)
    chain = ri.Map(paths, into=ri.tiled([None] * 4))
    for i in range(4):
        chain[i] = ri.call(chain[i - 1] if i else stored, [1])
    ri.evaluate(keep=[chain])
    assert all(type(ref) is ray.ObjectRef for ref in chain.refs)
    assert ray.get(chain[3])[1:] == [1] * 4


@ray.remote
def carrier() -> list:
    """What another tile, or piece, gave: one array."""
    return [worker.outcome_of(lambda: np.arange(1000), (), {}, "carrier")]


def slowly(seconds, *arrays):
    time.sleep(seconds)
    return sum(arrays) + np.ones(1000)


def test_what_a_tile_gives_back_takes_arrays_of_other_tiles_and_its_own() -> None:
    pickled, options = cloudpickle.dumps(slowly), {"num_cpus": 1, "name": "slowly"}
    own = [pickle.dumps([seconds], 5) for seconds in (0.2, 0.0)]
    first = ((tile_worker.OWN,), (tile_worker.CARRIED, 0, 0)), (), own[0], []
    members = [first, *(((*first[0], (tile_worker.INNER, number)), (), own[1], []) for number in range(2))]
    run = bundles.remote_task("run_tile", tile_worker).options(num_returns=1)
    packed = pickle.dumps((members, [0, 1, 2], 0), 5)
    found = ray.get(run.remote(pickled, packed, options, 0.0, 1, carrier.remote()))
    for number, outcome in enumerate(found, 1):
        assert np.array_equal(tile_worker.value_of(outcome), number * (np.arange(1000) + 1))


def test_what_a_tile_gives_back_takes_what_all_members_take() -> None:
    pickled, options = cloudpickle.dumps(slowly), {"num_cpus": 1, "name": "slowly"}
    own = [pickle.dumps([seconds], 5) for seconds in (0.2, 0.0)]
    members = [(((tile_worker.OWN,), (tile_worker.GIVEN, 0)), (), given, []) for given in (*own, own[1])]
    run = bundles.remote_task("run_tile", tile_worker).options(num_returns=1)
    packed = pickle.dumps((members, [0, 1, 2], 1), 5)
    found = ray.get(run.remote(pickled, packed, options, 0.0, 1, ray.put(np.arange(1000))))
    for outcome in found:
        assert np.array_equal(tile_worker.value_of(outcome), np.arange(1000) + 1)


def test_what_a_piece_gives_back_takes_arrays_of_other_pieces_and_its_own() -> None:
    functions, options = [("slowly", cloudpickle.dumps(slowly))], {"num_cpus": 1}
    own, carried, inner = forest_worker.OWN, forest_worker.CARRIED, forest_worker.INNER
    tasks = [(0, ((own, 0.9), (carried, 0)), ()), *((0, ((own, 0.0), (carried, 0), (inner, n)), ()) for n in range(2))]
    run = bundles.remote_task("run_piece", forest_worker).options(num_returns=2)
    last, _ = run.remote(functions, pickle.dumps(tasks, 5), options, 0.0, False, carrier.remote())
    assert np.array_equal(tile_worker.value_of(ray.get(last)[0]), 3 * (np.arange(1000) + 1))
