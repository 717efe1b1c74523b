"""What members of one group take from outside of it by refs, and whether others may come with those that take it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ray

from rayinfer.runtime import cluster
from rayinfer.runtime.calls import Call, operands
from rayinfer.runtime.grids import Grid
from rayinfer.runtime.rayprivate_objects import hold_data

# So much of the values is looked through for each member at most: a small part of what it takes to submit one.
_PICKLED = 500
# All that some members take must fit into an object store beside other things, for one task may take all of it.
_SHARE = 0.1


def may_come_together(calls: Sequence[Call], grid: Grid) -> bool:
    """Whether any of these calls may wait for, and fail with, what any others of them take by refs.

    What all take at the same place all wait for, whatever it is, and what calls take that came before: the grid notes
    it. What only some take must be there, and be data of which each task may be given a copy.
    """
    everywhere, elsewhere = _outside(calls)
    if not grid.unsure.issubset(ref.binary() for ref in everywhere):
        return False
    if elsewhere and not _hold_data(elsewhere, len(calls)):
        return False
    if everywhere and not _hold_data(everywhere, len(calls)):
        grid.unsure = frozenset(ref.binary() for ref in everywhere)
    return True


def _hold_data(refs: Sequence[Any], calls: int) -> bool:
    return hold_data(refs, _PICKLED * calls, _SHARE * cluster.store_bytes())


def _outside(calls: Sequence[Call]) -> tuple[list[Any], list[Any]]:
    """The refs that all calls take at the same places, and the others that any of them take, each once."""
    same = {at: arg for at, arg in enumerate(calls[0].args) if type(arg) is ray.ObjectRef}
    found: dict[Any, None] = {}
    for call in calls:
        args = call.args
        for at in [at for at, ref in same.items() if at >= len(args) or not _is_same(args[at], ref)]:
            del same[at]
        for arg in operands(call):
            if type(arg) is ray.ObjectRef:
                found[arg] = None
    everywhere = dict.fromkeys(same.values())
    return list(everywhere), [ref for ref in found if ref not in everywhere]


def _is_same(arg: Any, ref: Any) -> bool:
    return arg is ref or (type(arg) is ray.ObjectRef and arg == ref)
