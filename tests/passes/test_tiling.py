"""Tilings: whatever the members of a grid take, no tile waits for one behind it, and every member runs once."""

from __future__ import annotations

import random

import pytest

from rayinfer.passes.tiling import Cell, side, skewed, tiles

WAVEFRONT = ((1, 0), (0, 1), (1, 1))
STENCIL = ((1, -1), (1, 0), (1, 1))
WIDE_STENCIL = ((1, -3), (2, -5), (0, 1))
BACKWARDS = ((-1, 0), (0, -1))
TURNED = ((1, 0), (0, -1))


def grid(rows: int, columns: int, taken: tuple[Cell, ...]) -> tuple[list[Cell], list[list[int]]]:
    """The cells of a grid in an order in which all that a cell takes comes before it, and what each takes."""
    down = any(d < 0 for d, _ in taken)
    back = any(e < 0 for d, e in taken if d == 0)
    order = [
        (i, j)
        for i in (range(rows - 1, -1, -1) if down else range(rows))
        for j in (range(columns - 1, -1, -1) if back else range(columns))
    ]
    number = {cell: at for at, cell in enumerate(order)}
    takes = [[number[i - d, j - e] for d, e in taken if (i - d, j - e) in number] for i, j in order]
    assert all(one < at for at, some in enumerate(takes) for one in some)
    return order, takes


@pytest.mark.parametrize("taken", [WAVEFRONT, STENCIL, WIDE_STENCIL, BACKWARDS, TURNED, ((1, 0),), ((0, 2),)])
@pytest.mark.parametrize("length", [1, 2, 3, 8, 64])
def test_no_tile_takes_from_one_behind_it(taken: tuple[Cell, ...], length: int) -> None:
    cells, takes = grid(9, 13, taken)
    for start in (0, 5, 40):
        # A batch that begins in the middle of a row.
        inside = [[one - start for one in some if one >= start] for some in takes[start:]]
        walked = skewed(cells[start:], inside)
        assert walked is not None
        found = tiles(walked, length)
        assert sorted(member for tile in found for member in tile) == list(range(len(walked)))
        tile_of = {member: number for number, tile in enumerate(found) for member in tile}
        for member, some in enumerate(inside):
            assert all(tile_of[one] <= tile_of[member] for one in some)
        assert all(tile == sorted(tile) for tile in found)


def test_members_that_wait_for_no_grid_are_not_tiled() -> None:
    assert skewed([(0, 0), (0, 3), (0, 1)], [[], [0], [1]]) is None
    assert skewed([(0,), (5,), (2,)], [[], [0], [1]]) is None
    assert skewed([(0, 0, 0)], [[]]) is None
    assert skewed([(0, 0), (1,)], [[], []]) is None
    assert skewed([], []) is None


def test_random_dependencies_are_tiled_in_order_or_refused() -> None:
    choose = random.Random(1)
    refused = 0
    for _ in range(300):
        cells = [(choose.randrange(6), choose.randrange(6)) for _ in range(30)]
        takes = [[choose.randrange(at)] if at and choose.random() < 0.1 else [] for at in range(30)]
        walked = skewed(cells, takes)
        if walked is None:
            refused += 1
            continue
        tile_of = {member: number for number, tile in enumerate(tiles(walked, 2)) for member in tile}
        assert all(tile_of[one] <= tile_of[at] for at, some in enumerate(takes) for one in some)
    assert 0 < refused < 300


def test_sides_grow_with_what_a_call_costs_and_shrink_with_how_long_members_take() -> None:
    cells, _ = grid(64, 64, WAVEFRONT)
    short = side(cells, 4, 0.0001, 0.001, 0.5)
    assert side(cells, 4, 0.1, 0.001, 0.1) == 1
    assert 1 < short <= side(cells, 4, 0.0001, 0.01, 0.5)
    assert side(cells, 64, 0.0001, 0.001, 0.5) <= short
    assert side(cells, 4, 0.0001, 0.001, 0.0016) <= 4
    # A chain loses nothing by running in one piece but what `most` says.
    assert side([(i,) for i in range(256)], 4, 0.001, 0.001, 0.064) == 64


def test_sides_that_took_longer_than_expected_give_way_to_longer_ones() -> None:
    cells = [(i, j) for i in range(40) for j in range(40)]
    expected = side(cells, 20, 0.0001, 0.002, 0.05)
    assert side(cells, 20, 0.0001, 0.002, 0.05, {expected: 0.0}) == expected
    longer = side(cells, 20, 0.0001, 0.002, 0.05, {expected: 1.0})
    assert longer > expected
    # What was measured to be no better is not taken again.
    assert side(cells, 20, 0.0001, 0.002, 0.05, {expected: 1.0, longer: 1.2}) != longer
    # A side that no tiling considers says nothing.
    assert side(cells, 20, 0.0001, 0.002, 0.05, {256: 100.0}) == expected
