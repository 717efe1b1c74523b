"""Fusion of one-to-one chains: groups whose middle nobody sees become one task per member.

Before:  %0 = Map(f) [dead]    %1 = Map(g, f[i])         After:  %1 = Map(g . f)
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class Group:
    """One group of a region as fusion sees it.

    `fusible` is the class of options its tasks run under (None: it must not be fused). `sources` maps each group of
    the region that it takes members from to whether it takes exactly member `i` of it in its member `i`, for every
    `i`. `dead` says that nothing outside the region sees its members. `late` says that its tasks may wait for more than
    their inputs: behind it, what others of the chain have not begun would wait for that, too. `several` says that
    each of its tasks gives several results, of which no other step of a chain could take one.
    """

    key: int
    width: int
    fusible: Hashable = None
    sources: dict[int, bool] = field(default_factory=dict)
    dead: bool = False
    late: bool = False
    several: bool = False


def chains(groups: Sequence[Group]) -> list[list[int]]:
    """The chains of two or more groups that can run as one task per member, as keys from first to last."""
    by_key = {group.key: group for group in groups}
    consumers: dict[int, list[Group]] = {}
    for group in groups:
        for source in group.sources:
            consumers.setdefault(source, []).append(group)
    previous: dict[int, int] = {}
    taken: set[int] = set()
    for group in groups:
        for source, one_to_one in group.sources.items():
            first = by_key.get(source)
            if first is not None and source not in taken and one_to_one and _fuses(first, group, consumers[source]):
                previous[group.key] = source
                taken.add(source)
                break
    found = []
    for group in groups:
        if group.key in previous and group.key not in taken:
            chain = [group.key]
            while chain[-1] in previous:
                chain.append(previous[chain[-1]])
            found.append(chain[::-1])
    return found


def _fuses(first: Group, second: Group, consumers: list[Group]) -> bool:
    return (
        first.dead
        and not first.several
        and len(consumers) == 1
        and first.width == second.width
        and first.fusible is not None
        and first.fusible == second.fusible
        and not second.late
        # What the second takes besides must be there when the first can start, or the first would wait for it.
        and all(source == first.key or source in first.sources for source in second.sources)
    )
