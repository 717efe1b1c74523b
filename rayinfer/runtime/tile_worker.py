"""What runs tiles on workers: members of one group, of which some take others. Shipped by value, as `worker` is."""

from __future__ import annotations

import pickle
import time
from collections import Counter
from typing import Any

from rayinfer.runtime.worker import as_it_is, function_of, outcome_of, passed, remote_with, sent_on

# Where a member's argument comes from: its own values, a result of another tile, or of a member of this one, or a value
# that the program's refs stand for.
OWN, CARRIED, INNER, GIVEN = 0, 1, 2, 3
# A tile that has run for this many times what was expected, and for as many seconds at least, goes on in parallel.
PATIENCE = 4.0
STALL = 0.1


def run_tile(function: bytes, packed: bytes, options: Any, expected: float, returns: int, *given: Any) -> Any:
    """Run the members of a tile one after the other.

    `packed` is pickled: the members, each as (where its arguments come from, keyword names, its own values pickled,
    their buffers), the members that others take first, and how many of what is `given` are values of the program's
    refs: the last ones, behind lists of results. Gives the results of the members that others take, then those of the
    others, each only if there are any, and, as the last of so many `returns`, the seconds that a member took.
    """
    members, taken, count = pickle.loads(packed)
    tile = _Tile(function, members, options, given[: len(given) - count], given[len(given) - count :])
    seconds = tile.run(max(PATIENCE * expected, STALL))
    first = set(taken)
    rest = [outcome for number, outcome in enumerate(tile.outcomes) if number not in first]
    results: list[Any] = [part for part in ([tile.outcomes[number] for number in taken], rest) if part]
    results += [seconds] * (returns - len(results))
    return results if returns > 1 else results[0]


def pick(carrier: Any, index: int) -> Any:
    """One result of a tile; raises what the member raised."""
    return value_of(carrier[index])


class _Tile:
    def __init__(self, function: bytes, members: Any, options: Any, carriers: Any, values: Any) -> None:
        self.pickled, self.members, self.options, self.carriers = function, members, options, carriers
        self.values: list[Any] = list(values)
        self.supplies: dict[int, Any] = {}
        # How often each of the values is still to be taken.
        self.uses = Counter(number for sources, *_ in members for number in _given(sources))
        self.outcomes: list[Any] = []

    def run(self, budget: float) -> float:
        """Run members for some seconds, and have other workers run those that are left.

        Gives how long a member took: on average, but for the first one, which may have had to import what it uses.
        """
        function = function_of(self.pickled)
        start = time.perf_counter()
        ends: list[float] = []
        for sources, names, data, buffers in self.members:
            self.outcomes.append(self._ran(function, sources, names, data, buffers))
            ends.append(time.perf_counter())
            if ends[-1] > start + budget and len(ends) < len(self.members):
                break
        if len(ends) < len(self.members):
            self._give_back(len(ends))
        return (ends[-1] - ends[0]) / (len(ends) - 1) if len(ends) > 1 else ends[0] - start

    def _ran(self, function: Any, sources: Any, names: Any, data: bytes, buffers: Any) -> Any:
        given: list[Any] = []
        own = iter(pickle.loads(data, buffers=buffers))
        for source in sources:
            if source[0] == OWN:
                given.append(next(own))
                continue
            if source[0] == GIVEN:
                given.append(self._value(source[1]))
                continue
            outcome = self._found(source)
            if type(outcome) is tuple and len(outcome) == 1:
                # A task that takes what failed fails with the same error.
                return outcome
            given.append(value_of(outcome))
        split = len(given) - len(names)
        outcome = outcome_of(
            function, given[:split], dict(zip(names, given[split:], strict=True)), self.options["name"]
        )
        return as_it_is(outcome)

    def _value(self, number: int) -> Any:
        """A value as a task's argument is: a copy of its own, of which the last to take it needs none."""
        self.uses[number] -= 1
        value = self.values[number]
        if not self.uses[number]:
            self.values[number] = None
            self.supplies.pop(number, None)
            return value
        if number not in self.supplies:
            self.supplies[number] = passed(value)
        return self.supplies[number]()

    def _found(self, source: Any) -> Any:
        return self.carriers[source[1]][source[2]] if source[0] == CARRIED else self.outcomes[source[1]]

    def _give_back(self, begin: int) -> None:
        """Submit each member from `begin` on as a task of its own, and take what they give."""
        import ray

        again = remote_with(run_tile, self.options)
        # What these members take they still have to take: nobody was given it but as a copy.
        needed = {number for sources, *_ in self.members[begin:] for number in _given(sources)}
        refs = {number: ray.put(self.values[number]) for number in sorted(needed)}
        sent: list[Any] = []
        for sources, names, data, buffers in self.members[begin:]:
            carriers: list[Any] = []
            given: dict[int, int] = {}
            moved: list[Any] = []
            for source in sources:
                if source[0] == OWN:
                    moved.append(source)
                    continue
                if source[0] == GIVEN:
                    moved.append((GIVEN, given.setdefault(source[1], len(given))))
                    continue
                later = source[0] == INNER and source[1] >= begin
                carriers.append(sent[source[1] - begin] if later else [sent_on(self._found(source))])
                moved.append((CARRIED, len(carriers) - 1, 0))
            packed = pickle.dumps(([(tuple(moved), names, data, buffers)], [0], len(given)), 5)
            values = [refs[number] for number in given]
            sent.append(again.remote(self.pickled, packed, self.options, float("inf"), 1, *carriers, *values))
        self.outcomes += [sent_on(outcomes[0]) for outcomes in ray.get(sent)]


def _given(sources: Any) -> list[int]:
    """The numbers of the values of refs among what a member takes."""
    return [source[1] for source in sources if source[0] == GIVEN]


def value_of(outcome: Any) -> Any:
    """A result as a task's argument would be: a copy of its own, with its arrays read-only."""
    if type(outcome) is not tuple:
        return outcome
    if len(outcome) == 1:
        raise outcome[0]
    return pickle.loads(outcome[0], buffers=[memoryview(buffer).toreadonly() for buffer in outcome[1]])
