"""Packs: short bundles of one round and one node that go out as one call, which gives results for each of them."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import ray

from rayinfer.runtime import carrier_worker, carriers, slices, tracker
from rayinfer.runtime.bundles import Chain, bundle_function
from rayinfer.runtime.calls import Call
from rayinfer.runtime.executors import Slot
from rayinfer.runtime.modes import Site
from rayinfer.runtime.plan import Fused

# The node that a bundle was planned for, if any has a CPU free, and the one that it goes to.
Place = tuple[str | None, str | None]
# The bundles of wider rounds are many for each CPU, so that little is gained for all the messages made beforehand.
WIDEST = 2_000


@dataclass(slots=True)
class Packs:
    """How the bundles of one round go out: the numbers of those that go together, and what each of them is given."""

    chain: Chain
    parts: list[list[int]]
    calls: list[Call]
    shared_at: tuple[int, ...]
    shared: tuple[Any, ...]

    def submit(self, members: list[int], node: str | None, slot: Slot | None, site: Site) -> list[Any]:
        """Submit these bundles as one call, on a node or an executor; what `refs` gets for each of them."""
        chain, returns = self.chain, self.chain.returns
        packed = slices.packed([self.calls[i] for i in members], self.shared_at)
        message = (bundle_function(), packed, returns, self.shared_at, chain.options(), *self.shared)
        count = len(members) * returns + 1
        if slot is not None:
            *refs, took = slot.begin(chain.retries, count, message, "carry")
        else:
            *refs, took = chain.runner("run_carrier", carrier_worker, count, node).remote(*message)
        carriers.carries_several(took)
        tracker.track(took, functools.partial(_learn, chain, site, took))
        return carriers.by_member(refs, returns)


def packs_of(fused: Fused, site: Site, places: Sequence[Place], room: int, alone: int | None) -> Packs | None:
    """The packs of the next bundles of a chain, of which one may have to go alone; None where all of them do.

    `places` say where each bundle goes, and `room` how many run at a time. To submit the bundles of a round one by one
    takes the driver longer than short ones take to run: they go together as the members of slices do (`slices.size`),
    as far as they go to the same node, where then one process runs one after the other what several would have run
    side by side. Bundles that have large arguments, or each another ref, go alone, as do those whose tasks may wait for
    one another.
    """
    chain, count = fused.chain, len(places)
    seconds = site.typical
    if seconds is None or count > WIDEST or not room:
        return None
    wanted = slices.size(count, room, seconds)
    if _is_behind(places):
        # Then nothing runs side by side that would not have to wait otherwise.
        wanted = max(wanted, int(slices.TARGET_SECONDS / max(seconds, 1e-9)))
    most = min(wanted, carriers.most_for(chain.pace, chain.returns))
    if most < 2 or not carriers.may_be_carried(fused.nodes, chain):
        return None
    first = len(fused.nodes[-1].refs)
    calls = [Call(*chain.message(fused.nodes, first + i)) for i in range(count)]
    shared = slices.shared(calls)
    if shared is None or not all(_is_small(call) for call in calls):
        return None
    return Packs(chain, _parts(places, most, alone), calls, *shared)


def _is_small(call: Call) -> bool:
    plan, values, *args = call.args
    # A plan that is too long for a message would go along as a ref in a list.
    return type(plan) is bytes and len(values) <= carriers.LARGE_ARGUMENT and all(map(_is_given_on, args))


def _is_given_on(arg: Any) -> bool:
    return type(arg) is ray.ObjectRef or carriers.is_small(arg)


def _is_behind(places: Sequence[Place]) -> bool:
    """Whether most bundles found every CPU taken by those before them."""
    return 2 * sum(planned is None and there is not None for planned, there in places) > len(places)


def _parts(places: Sequence[Any], most: int, alone: int | None) -> list[list[int]]:
    """Those with one place, in parts of about the same size and no more than `most`; `alone` by itself."""
    found: dict[Any, list[int]] = {}
    for i, place in enumerate(places):
        found.setdefault((place, i == alone), []).append(i)
    return sorted(part for members in found.values() for part in _evenly(members, most))


def _evenly(members: list[int], most: int) -> Iterator[list[int]]:
    parts = -(-len(members) // most)
    for part in range(parts):
        yield members[part * len(members) // parts : (part + 1) * len(members) // parts]


def _learn(chain: Chain, site: Site, took: Any, waited: float) -> None:
    """Note how long the bundles of a pack took, from the ref to that; nothing when it failed."""
    measured = carriers.learn(chain, took, waited)
    if measured is not None:
        site.seconds.append(measured[2])
        site.computed.append(measured[4] / measured[1])
