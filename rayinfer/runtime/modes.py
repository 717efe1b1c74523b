"""How the bundles of one site go out: as ordinary tasks, or, in a steady loop of short ones, to executors."""

from __future__ import annotations

import logging
import time
import weakref
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import ray

from rayinfer.placement import ClusterView
from rayinfer.runtime import tracker
from rayinfer.runtime.bundles import Chain
from rayinfer.runtime.executors import Slot, pool
from rayinfer.runtime.rivals import Rivals
from rayinfer.runtime.worker import START_SECONDS

logger = logging.getLogger("rayinfer")

# To buy or to rent: starting an executor costs START_SECONDS, and each round that a bundle then goes to it saves about
# one worker lease. (In seconds, measured on Ray 2.60; benchmarks/.) Bought once a site has paid as much in rent,
# executors cost at most twice what knowing the length of the loop would.
LEASE_SECONDS = 0.001
# Above this many seconds the start of an ordinary task costs little, and Ray balances tasks better than we do.
LONG = 0.2
# In so many rounds one bundle's own time is measured, and of so many the shortest counts: some may measure imports.
MEASURED = 30
# And from so many on they say what is typical; where one takes longer than so many seconds, its neighbours would wait.
ENOUGH, LONGEST_SECONDS = 5, 0.05


@dataclass(slots=True, eq=False)
class Site:
    """What is known of a chain that is submitted again and again at one width.

    `seconds` are those that the last measured bundles took to run, `computed` those that they computed; `began` is when
    its last round was submitted, and `on_executors` whether that went to executors, or None where only some of it did.
    """

    rounds: int = 0
    seconds: deque[float] = field(default_factory=lambda: deque(maxlen=MEASURED))
    computed: deque[float] = field(default_factory=lambda: deque(maxlen=MEASURED))
    began: float = 0.0
    on_executors: bool | None = None
    rivals: Rivals = field(default_factory=Rivals)
    sticky: list[Slot | None] = field(default_factory=list)
    nodes: list[str | None] = field(default_factory=list)

    @property
    def is_short(self) -> bool:
        """Whether its bundles are known to be short."""
        return bool(self.seconds) and min(self.seconds) <= LONG

    @property
    def typical(self) -> float | None:
        """How long its bundles compute; None as long as that is not known, or where some take long.

        What they wait for a CPU beside others is no reason to spread them.
        """
        if len(self.computed) < ENOUGH:
            return None
        ordered = sorted(self.computed)
        # One in ten may have loaded what it imports.
        return ordered[len(ordered) // 2] if ordered[-1 - len(ordered) // 10] <= LONGEST_SECONDS else None

    def settle(self, places: list[str | None], view: ClusterView) -> list[str | None]:
        """The node of every bundle: where the last round's was, for one that finds every CPU of the cluster taken.

        Behind a backlog of short bundles it waits less for a CPU there than for its inputs to be sent elsewhere.
        """
        if len(self.nodes) == len(places) and self.is_short:
            places = [
                last if place is None and last in view.cpus else place
                for place, last in zip(places, self.nodes, strict=True)
            ]
        self.nodes = places
        return places

    def measured(self, width: int) -> int | None:
        """The member whose bundle is measured in the next round; none in the first, which may be the only one."""
        wanted = self.rounds and (self.rounds < MEASURED or not self.is_short)
        return self.rounds % width if width and wanted else None

    def took(self, seconds: Any, _waited: float) -> None:
        """Note how long a measured bundle ran, from the ref to its time; nothing when it failed."""
        found = tracker.result(seconds)
        if found is not None:
            self.seconds.append(found[0])
            self.computed.append(found[1])

    def pays(self, name: str) -> bool:
        """Whether executors are worth it at this site, from how long its rounds took so far; begins another round."""
        now = time.monotonic()
        changed = self.rivals.note(self.on_executors, now - self.began) if self.on_executors is not None else None
        if changed is not None:
            taken = "on executors" if self.rivals.executors else "as tasks, as in plain Ray"
            logger.info("%s goes %s now: a round took %.4f s on executors and %.4f s as tasks", name, taken, *changed)
        self.began, self.on_executors = now, False
        self.rounds += 1
        return self.rivals.executors


_sites: weakref.WeakKeyDictionary[Chain, dict[int, Site]] = weakref.WeakKeyDictionary()


def site_of(chain: Chain, width: int) -> Site:
    """The record of this chain at this width."""
    return _sites.setdefault(chain, {}).setdefault(width, Site())


def choose(
    chain: Chain, site: Site, places: list[str | None], inputs: Callable[[], set[Any]], view: ClusterView
) -> list[Slot | None]:
    """The executor of every bundle; None for those that go as ordinary tasks.

    When to buy is the rule of the ski rental problem (Karlin, Manasse, Rudolph and Sleator, 1988).
    Calls on an executor run in order, so that none may be sent there before its inputs are available. Executors are
    made one by one, and each bundle moves over when there is one for it.
    """
    width = len(places)
    as_tasks: list[Slot | None] = [None] * width
    if not site.pays(chain.name) or site.rounds * LEASE_SECONDS < START_SECONDS or chain.cpus != 1 or not site.is_short:
        return as_tasks
    if width > sum(view.cpus.values()) or chain.retries == 0:
        # What may run only once gets the error of a task, not of an actor, when its node dies.
        return as_tasks
    if any(slot is not None and slot.outstanding for slot in site.sticky):
        tracker.prune()
    slots = pool.choose(places, site.sticky if len(site.sticky) == width else as_tasks, view)
    if None in slots:
        # Behind a backlog, starting processes would only put the loop further back.
        pool.want(Counter(places) if 4 * tracker.count() <= width else {}, view)
    if slots == as_tasks or not available(inputs()):
        return as_tasks
    site.sticky = slots
    site.on_executors = None if None in slots else True
    return slots


def available(refs: set[Any]) -> bool:
    """Whether every one of these objects exists somewhere in the cluster."""
    if not refs:
        return True
    return len(ray.wait(list(refs), num_returns=len(refs), timeout=0, fetch_local=False)[0]) == len(refs)
