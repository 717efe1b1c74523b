"""Tiles whose members take refs of the program that others of the tile do not take, on a real cluster."""

from __future__ import annotations

import gc
import os
import pickle
import time
import types

import numpy as np
import pytest
import ray
from ray import cloudpickle

import rayinfer.inferred as ri
from rayinfer.compiler import compile_source
from rayinfer.runtime import bundles, outside, tile_worker, tiles
from rayinfer.runtime.calls import Call
from rayinfer.runtime.grids import Part

pytestmark = pytest.mark.usefixtures("cluster")
SIDE = 8


@ray.remote
def joined(row, column, up, left):
    """A text of all that a cell comes from; what it takes it changes, as it may."""
    row.append("seen")
    column["seen"] = True
    return f"{row}{column}({len(up or '')},{len(left or '')})"


@ray.remote
def arrays(given, before):
    return (before or 0) + float(given.sum()), given.flags.writeable


@ray.remote
def plus(given, before):
    return given if before is None else before + given


@ray.remote
def extended(row, column, up, left):
    """What two arguments hold, which may come of one ref: two lists all the same."""
    column.extend(row)
    row.append("row")
    return [len(up or ""), "left", *column]


@ray.remote
def fails():
    raise ValueError("no input")


@ray.remote
def gives(value):
    return value


@ray.remote
def wait_for(path):
    while not os.path.exists(path):
        time.sleep(0.01)
    return 1000


@pytest.fixture(autouse=True)
def known(monkeypatch):
    """Members are known to be short, so that every batch is tiled."""
    tiles._seconds.clear()
    tiles._took.clear()
    monkeypatch.setattr(tiles, "length_of", lambda cells, cpus, chain: 4)
    yield
    tiles._seconds.clear()
    tiles._took.clear()


def table_of(task, rows, columns, side=SIDE):
    table = ri.Map(task, into=ri.tiled([[None] * side for _ in range(side)], 2))
    for i in range(side):
        for j in range(side):
            up, left = (table[i - 1][j] if i else None), (table[i][j - 1] if j else None)
            table[i][j] = ri.call(rows[i], columns[j], up, left)
    ri.evaluate(keep=[table])
    return table


def chain_of(task, given):
    chain = ri.Map(task, into=ri.tiled([None] * len(given)))
    for i, one in enumerate(given):
        chain[i] = ri.call(one, chain[i - 1] if i else None)
    ri.evaluate(keep=[chain])
    return chain


def calls_made(node) -> int:
    """How many Ray tasks ran the members; 0 where they went one by one, as plain tasks."""
    assert len({type(ref) for ref in node.refs}) == 1
    return len({ref.carrier.task_id() for ref in node.refs}) if type(node.refs[0]) is Part else 0


def counted(ref_id: str) -> bool:
    """Whether this process counts references to an object, for two seconds at least."""
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        gc.collect()
        if ref_id not in ray._private.worker.global_worker.core_worker.get_all_reference_counts():
            return False
        time.sleep(0.02)
    return True


def test_refs_of_each_row_and_column_are_copied_for_each_cell() -> None:
    rows, columns = [ray.put(["row", i]) for i in range(SIDE)], [ray.put({"column": j}) for j in range(SIDE)]
    table = table_of(joined, rows, columns)
    assert 0 < calls_made(table) < SIDE * SIDE / 4
    plain = [[None] * SIDE for _ in range(SIDE)]
    for i in range(SIDE):
        for j in range(SIDE):
            up, left = (plain[i - 1][j] if i else None), (plain[i][j - 1] if j else None)
            plain[i][j] = joined.remote(rows[i], columns[j], up, left)
    assert [ray.get(table[i][j]) for i in range(SIDE) for j in range(SIDE)] == [
        ray.get(one) for row in plain for one in row
    ]
    assert ray.get(rows[0]) == ["row", 0]


def test_one_ref_may_be_of_several_rows_and_of_a_column() -> None:
    array, other = ray.put(np.ones(20_000)), ray.put(np.zeros(20_000))
    chain = chain_of(plus, [array, other, array, array, other, array])
    assert 0 < calls_made(chain) < 6
    assert ray.get(chain[5]).sum() == 80_000
    both = ray.put(["both"])
    with pytest.raises(TypeError):
        ray.get(table_of(joined, [both] * SIDE, [both] * SIDE)[0][0])
    table = table_of(extended, [both] * SIDE, [both, ray.put([])] * (SIDE // 2))
    assert 0 < calls_made(table) < SIDE * SIDE / 4
    assert [ray.get(table[SIDE - 1][j])[-2:] for j in (0, 1)] == [["both", "both"], ["left", "both"]]


def test_arrays_stay_read_only_and_each_element_of_a_chain_takes_its_own() -> None:
    given = [ray.put(np.full(50_000, i)) for i in range(6)]
    chain = ri.Map(arrays, into=ri.tiled([None] * 6))
    for i, one in enumerate(given):
        chain[i] = ri.call(one, None)
    ri.evaluate(keep=[chain])
    assert 0 < calls_made(chain) < 6
    assert [ray.get(chain[i]) for i in range(6)] == [(50_000.0 * i, False) for i in range(6)]


def test_a_ref_that_fails_fails_only_the_cells_that_take_it() -> None:
    missing = fails.remote()
    ray.wait([missing])
    chain = ri.Map(plus, into=ri.tiled([None] * 8))
    for i in range(8):
        chain[i] = ri.call(missing if i == 5 else ray.put(1), chain[i - 1] if i not in (0, 4) else None)
    ri.evaluate(keep=[chain])
    assert [ray.get(chain[i]) for i in range(5)] == [1, 2, 3, 4, 1]
    for i in (5, 6, 7):
        with pytest.raises(ValueError, match="no input"):
            ray.get(chain[i])


def test_cells_that_do_not_take_a_pending_ref_do_not_wait_for_it(tmp_path) -> None:
    flag = tmp_path / "flag"
    pending = wait_for.remote(str(flag))
    given = [ray.put(1) for _ in range(6)]
    chain = chain_of(plus, [*given, pending, *given])
    assert ray.get(chain[5], timeout=30) == 6
    assert not ray.wait([chain[6]], timeout=0)[0]
    flag.touch()
    assert ray.get(chain[12]) == 1012


def test_what_an_earlier_batch_waits_for_cells_of_later_batches_do_not_wait_for(tmp_path) -> None:
    flag = tmp_path / "flag"
    pending = wait_for.remote(str(flag))
    chain = ri.Map(plus, into=ri.tiled([None] * 8))
    for i in range(8):
        chain[i] = ri.call(pending if i < 4 else i, chain[i - 4] if i > 5 else None)
        if i == 3:
            chain.home.flush()
    ri.evaluate(keep=[chain])
    assert [type(ref) for ref in chain.refs] == [Part] * 4 + [ray.ObjectRef] * 4
    assert ray.get([chain[4], chain[5]], timeout=30) == [4, 5]
    flag.touch()
    assert [ray.get(chain[i]) for i in (3, 6)] == [1000, 1006]


def test_refs_that_are_there_keep_no_later_batch_out_of_tiles() -> None:
    rows, columns = [ray.put([i]) for i in range(SIDE)], [ray.put({}) for _ in range(SIDE)]
    table = ri.Map(joined, into=ri.tiled([[None] * SIDE for _ in range(SIDE)], 2))
    for i in range(SIDE):
        for j in range(SIDE):
            up, left = (table[i - 1][j] if i else None), (table[i][j - 1] if j else None)
            table[i][j] = ri.call(rows[i], columns[j], up, left)
        table.home.flush()
    ri.evaluate(keep=[table])
    assert 0 < calls_made(table) < SIDE * SIDE / 2
    assert ray.get(table[0][0]) == "[0, 'seen']{'seen': True}(0,0)"


def test_keywords_ragged_rows_and_two_grids_of_the_same_refs() -> None:
    rows, columns = [ray.put(10 * i) for i in range(6)], [ray.put(j) for j in range(6)]
    grids = []
    for _ in range(2):
        grid = ri.Map(sums, into=ri.tiled([[None] * (i + 1) for i in range(6)], 2))
        for i in range(6):
            for j in range(i + 1):
                grid[i][j] = ri.call(rows[i], before=grid[i][j - 1] if j else 0, column=columns[j])
        grids.append(grid)
    ri.evaluate(keep=grids)
    for grid in grids:
        assert 0 < calls_made(grid) < 15
        assert [ray.get(grid[i][i]) for i in range(6)] == [sum(10 * i + j for j in range(i + 1)) for i in range(6)]


@ray.remote
def sums(row, *, column, before):
    return row + column + before


def test_objects_live_until_their_cells_ran_and_no_longer() -> None:
    given = [ray.put([i] * 10_000) for i in range(6)]
    ids = [one.hex() for one in given]
    chain = ri.Map(lengths, into=ri.tiled([None] * 6))
    for i, one in enumerate(given):
        chain[i] = ri.call(one, chain[i - 1] if i else 0)
    ri.evaluate(keep=[chain])
    assert 0 < calls_made(chain) < 6
    del given, one
    assert ray.get(chain[5]) == 60_000
    chain.hand_over()
    assert not any(map(counted, ids))


@ray.remote
def lengths(given, before):
    return len(given) + before


def test_refs_in_lists_stay_refs() -> None:
    inner = ray.put(7)
    chain = chain_of(of_list, [ray.put([inner]), ray.put([inner, 1]), ray.put([])])
    assert calls_made(chain) == 0
    assert ray.get(chain[2]) == ["ObjectRef", "ObjectRef", "int"]


@ray.remote
def of_list(given, before):
    return [*(before or []), *(type(one).__name__ for one in given)]


def test_results_of_tasks_that_came_with_their_replies_are_taken_in_tiles() -> None:
    given = [gives.remote(i) for i in range(8)]
    ray.wait(given, num_returns=8)
    chain = chain_of(plus, given)
    assert 0 < calls_made(chain) < 8
    assert ray.get(chain[7]) == 28


def test_what_all_take_at_the_same_places_is_told_from_the_rest() -> None:
    one, two, three = (ray.put(i) for i in range(3))
    again = ray.ObjectRef.from_binary(one.binary())
    calls = [Call(one, two, 1), Call(again, three, x=three), Call(one, two)]
    assert outside._outside(calls) == ([one], [two, three])
    assert outside._outside([Call(one, 1), Call(2)]) == ([], [one])
    assert outside._outside([Call(one, x=two)]) == ([one], [two])
    assert outside._outside([Call(one), Call(np.ones(2))]) == ([], [one])


def slowly(seconds, *lists):
    time.sleep(seconds)
    for one in lists:
        one.append("seen")
    return lists


def test_what_a_tile_gives_back_takes_what_its_members_still_need() -> None:
    pickled, options = cloudpickle.dumps(slowly), {"num_cpus": 1, "name": "slowly"}
    given = tile_worker.GIVEN
    takes = [(0, 1), (1, 2, 2), (0, 2)]
    own = [(pickle.dumps([0.0 if n else 0.2], 5), []) for n in range(3)]
    members = [(((tile_worker.OWN,), *((given, at) for at in some)), (), *own[n]) for n, some in enumerate(takes)]
    run = bundles.remote_task("run_tile", tile_worker).options(num_returns=1)
    packed = pickle.dumps((members, [0, 1, 2], 3), 5)
    refs = [ray.put([i]) for i in range(3)]
    found = ray.get(run.remote(pickled, packed, options, 0.0, 1, *refs))
    assert [tile_worker.value_of(one) for one in found] == [tuple([at, "seen"] for at in some) for some in takes]


PROGRAM = """
import numpy as np
import ray


@ray.remote
def block(a, b, up, left, diagonal):
    a.append(len(a))
    total = sum(a) + int(b.sum())
    for one in (up, left, diagonal):
        total += one[0] if one is not None else 1
    return total % 10007, len(a)


def main(n, bad):
    a_blocks = [ray.put([i] * 5) for i in range(n)]
    b_blocks = [ray.put(np.arange(j)) for j in range(n)]
    if bad:
        b_blocks[3] = ray.put("text")
    grid = [[None] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            up = grid[i - 1][j] if i else None
            left = grid[i][j - 1] if j else None
            diagonal = grid[i - 1][j - 1] if i and j else None
            grid[i][j] = block.remote(a_blocks[i], b_blocks[j], up, left, diagonal)
    del a_blocks, b_blocks
    first = ray.get(grid[-1][2])
    try:
        return first, ray.get(grid[-1][-1])
    except Exception as error:
        return first, type(error).__name__, "AttributeError" in str(error)
"""


@pytest.mark.parametrize("bad", [False, True])
def test_a_compiled_program_gives_what_it_gives_plainly(bad: bool, monkeypatch) -> None:
    compiled = compile_source(PROGRAM.encode(), "program.py")
    modes = []
    submit = tiles.submit
    monkeypatch.setattr(tiles, "submit", lambda *given: modes.append(submit(*given)) or modes[-1])
    found = []
    for text in (compiled.source, compiled.output):
        module = types.ModuleType("program")
        exec(compile(text, "program.py", "exec", dont_inherit=True), module.__dict__)
        found.append(module.main(12, bad))
    assert found[0] == found[1]
    assert len(found[0]) == (3 if bad else 2)
    assert modes and all(modes)
