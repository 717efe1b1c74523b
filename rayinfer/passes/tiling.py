"""Tiling of a recurrence over a grid: which members run as one call, so that tiles wait for each other in no circle.

Before:  a member per cell, each of which takes cells left of it and above        After:  a tile per block of cells
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

Cell = tuple[int, ...]
# The longest side of a tile that is considered, in cells.
_SIDES = tuple(1 << power for power in range(9))
# Of sides that are about as good the longest is taken: fewer calls leave the driver more of its CPU.
ALIKE = 1.05


def skewed(cells: Sequence[Cell], takes: Sequence[Sequence[int]]) -> list[Cell] | None:
    """The cells under coordinates in which no member takes one further down any axis; None where none are found.

    `takes[m]` are the numbers of the members that member `m` takes, all of them before it. In such coordinates every
    rectangular tiling is legal. An axis that is walked backwards is turned round; what is taken from further along the
    second axis of an earlier round is brought behind by loop skewing (Wolfe, "Loops skewing: the wavefront method
    revisited", 1986).
    """
    axes = len(cells[0]) if cells else 0
    if axes not in (1, 2) or any(len(cell) != axes for cell in cells):
        return None
    distances = {
        tuple(a - b for a, b in zip(cells[m], cells[taken], strict=True))
        for m, some in enumerate(takes)
        for taken in some
    }
    along = [{distance[axis] for distance in distances} for axis in range(axes)]
    turned = [-1 if min(parts, default=0) < 0 >= max(parts) else 1 for parts in along]
    distances = {tuple(sign * part for sign, part in zip(turned, d, strict=True)) for d in distances}
    skew = 0
    for distance in distances:
        if distance[0] < 0 or (axes == 2 and distance[0] == 0 and distance[1] < 0):
            return None
        if axes == 2 and distance[1] < 0:
            skew = max(skew, -(distance[1] // distance[0]))
    if axes == 1:
        return [(turned[0] * cell[0],) for cell in cells]
    return [(turned[0] * i, turned[1] * j + skew * turned[0] * i) for i, j in cells]


def side(
    cells: Sequence[Cell], cpus: int, seconds: float, call: float, most: float, took: Mapping[int, float] | None = None
) -> int:
    """How many cells long the sides of tiles are best, for one or more members that take `seconds` each.

    Tiles whose coordinates have one sum are a wave: they run side by side on `cpus`, and the next wave waits. Chosen is
    the longest side for which the waves are over about as early as for any, with `call` seconds for each tile besides
    its members; a tile of more than one member runs for `most` seconds at most, as far as is known.

    `took` has, per side, the seconds that the cells took at least when they were tiled so. What that is more than was
    expected, as where nodes share cores or tiles' inputs must be sent, each tile of other sides is expected to cost as
    well, the least of it that explains one of them.
    """
    took = took or {}
    work: dict[int, float] = {}
    turns: dict[int, int] = {}
    counts: Mapping[Cell, int] = Counter(cells)
    for length in _SIDES:
        if length > 1:
            counts = _merged(counts)
            if max(counts.values()) * seconds > most:
                break
        waves: Counter[int] = Counter()
        largest: dict[int, int] = {}
        for tile, members in counts.items():
            wave = sum(tile)
            waves[wave] += 1
            largest[wave] = max(largest.get(wave, 0), members)
        turns[length] = sum(-(-tiles // cpus) for tiles in waves.values())
        work[length] = sum(-(-waves[wave] // cpus) * largest[wave] for wave in waves) * seconds
        if len(counts) == 1:
            break
    call = max(call, min(((took[one] - work[one]) / turns[one] for one in took if one in work), default=call))
    ends = {length: max(work[length] + turns[length] * call, took.get(length, 0.0)) for length in work}
    return max(length for length, end in ends.items() if end <= ALIKE * min(ends.values()))


def _merged(counts: Mapping[Cell, int]) -> Counter[Cell]:
    found: Counter[Cell] = Counter()
    for cell, count in counts.items():
        found[tuple(part // 2 for part in cell)] += count
    return found


def tiles(cells: Sequence[Cell], length: int) -> list[list[int]]:
    """The members of each tile with sides of `length` cells; a tile takes members of those before it only."""
    found: dict[Cell, list[int]] = {}
    for member, cell in enumerate(cells):
        found.setdefault(tuple(part // length for part in cell), []).append(member)
    return [found[tile] for tile in sorted(found, key=_wave)]


def _wave(tile: Cell) -> tuple[int, Cell]:
    return sum(tile), tile
