"""How many bytes cross between nodes when groups are where a policy put them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from rayinfer.placement.view import Ints
from rayinfer.placement.workload import Link, Work


def moved(work: Work, places: Mapping[int, Ints], sizes: Mapping[int, int]) -> int:
    """The bytes that the members of a group take from other nodes; each object comes to a node once.

    `places` are node numbers by group, `sizes` the bytes of one result. A group whose place is not known (calls on
    actors that are not in the graph) takes and gives nothing.
    """
    here = places.get(work.number)
    if here is None:
        return 0
    return sum(
        _over(link, here, places[link.source]) * sizes[link.source] for link in work.links if link.source in places
    )


def _over(link: Link, here: Ints, there: Ints) -> int:
    """How many objects cross over one link."""
    if not len(here) or not len(there):
        return 0
    if link.picks is not None:
        crossing = there[link.picks] != here
        pairs = link.picks[crossing] * (int(here.max()) + 1) + here[crossing]
        return len(np.unique(pairs))
    takers = np.unique(here)
    # Of a broadcast there is one object, of another group every member takes all.
    sources = there[:1] if link.kind == "broadcast" else there
    held = np.bincount(sources, minlength=int(takers.max()) + 1)
    return len(takers) * len(sources) - int(held[takers].sum())
