"""What runs pieces of a graph of single tasks on workers. Shipped by value, as `worker` is."""

from __future__ import annotations

import pickle
import time
from typing import Any

from rayinfer.runtime.tile_worker import PATIENCE, value_of
from rayinfer.runtime.worker import START_SECONDS, as_it_is, function_of, outcome_of, remote_with, sent_on

# Where an argument comes from: its own value, the result of another piece, as it was carried or as it is, or of an
# earlier task of this one.
OWN, CARRIED, GIVEN, INNER = 0, 1, 2, 3


def run_piece(functions: Any, packed: bytes, options: Any, expected: float, is_seen: bool, *carriers: Any) -> Any:
    """Run tasks one after the other; what the last gave, and how long the tasks of each function took.

    `functions` are (name, pickled function) pairs, `packed` is pickled: the tasks, each as (the number of its function,
    (where it comes from, which) for every argument, keyword names). `carriers` are what other pieces gave: a list of
    one outcome, or the value itself. A result that `is_seen` is given as it is, or as its error. How long is a list of
    (number of the function, seconds, tasks), and whether the last task failed.
    """
    piece = _Piece(functions, pickle.loads(packed), options, carriers)
    piece.run(max(PATIENCE * expected, START_SECONDS))
    outcome = piece.outcomes[-1]
    failed = type(outcome) is tuple and len(outcome) == 1
    took = [(number, seconds, count) for number, (seconds, count) in piece.spent.items()], failed
    if not is_seen:
        return [outcome], took
    # Ray makes an error that is returned the error of that one result.
    return outcome[0] if failed else value_of(outcome), took


class _Piece:
    def __init__(self, functions: Any, tasks: Any, options: Any, carriers: Any) -> None:
        self.functions, self.tasks, self.options, self.carriers = functions, tasks, options, carriers
        self.outcomes: list[Any] = []
        self.spent: dict[int, tuple[float, int]] = {}

    def run(self, budget: float) -> None:
        """Run tasks for some seconds, and have other workers run those that are left."""
        start = time.perf_counter()
        for number, (which, sources, names) in enumerate(self.tasks):
            began = time.perf_counter()
            if began > start + budget:
                self._give_back(number)
                return
            self.outcomes.append(self._ran(which, sources, names))
            seconds, count = self.spent.get(which, (0.0, 0))
            self.spent[which] = seconds + time.perf_counter() - began, count + 1

    def _ran(self, which: int, sources: Any, names: Any) -> Any:
        given: list[Any] = []
        for kind, value in sources:
            if kind == OWN:
                given.append(value)
                continue
            outcome = self._found(kind, value)
            if type(outcome) is tuple and len(outcome) == 1:
                # A task that takes what failed fails with the same error.
                return outcome
            given.append(value_of(outcome))
        split = len(given) - len(names)
        name, pickled = self.functions[which]
        keywords = dict(zip(names, given[split:], strict=True))
        outcome = outcome_of(function_of(pickled), given[:split], keywords, name)
        return as_it_is(outcome)

    def _found(self, kind: int, value: int) -> Any:
        if kind == GIVEN:
            return outcome_of(_same, (self.carriers[value],), {}, "")
        return self.carriers[value][0] if kind == CARRIED else self.outcomes[value]

    def _give_back(self, begin: int) -> None:
        """Submit each task from `begin` on by itself, and take what the last gives."""
        import ray

        again = remote_with(run_piece, {**self.options, "num_returns": 2})
        sent: list[Any] = []
        for which, sources, names in self.tasks[begin:]:
            carriers: list[Any] = []
            moved: list[Any] = []
            for kind, value in sources:
                if kind == OWN:
                    moved.append((OWN, value))
                    continue
                later = kind == INNER and value >= begin
                carriers.append(sent[value - begin] if later else [sent_on(self._found(kind, value))])
                moved.append((CARRIED, len(carriers) - 1))
            packed = pickle.dumps([(which, tuple(moved), names)], 5)
            ref, _ = again.remote(self.functions, packed, self.options, float("inf"), False, *carriers)
            sent.append(ref)
        self.outcomes.append(sent_on(ray.get(sent[-1])[0]))


def _same(value: Any) -> Any:
    return value
