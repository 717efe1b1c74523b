"""Whether the rounds of a site are faster on executors or as ordinary tasks, from the seconds between its rounds."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection

# The promise to be no slower than plain Ray allows for so much.
SLOWER = 1.05
# In so many rounds a way is measured.
ROUNDS = 30


class Rivals:
    """The two ways that the rounds of one site may go, and which of them is to be taken: `executors`, at first.

    A loop that waits for its results shows in the seconds from one round to the next what a round costs; one that is
    paced by a clock shows none, and stays with executors. Whether ordinary tasks are really faster, or the program's
    work became more meanwhile, is measured again: then the better way is kept, and a way that was given up once is
    measured for twice as many rounds before the next change.
    """

    def __init__(self) -> None:
        self.executors = True
        self.enough = ROUNDS
        self.noted = 0
        self.seconds: dict[bool, deque[float]] = {True: deque(maxlen=ROUNDS), False: deque(maxlen=ROUNDS)}

    def note(self, executors: bool, seconds: float) -> tuple[float, float] | None:
        """Take into account that a round took so many seconds.

        When the way to take is another one from now on: the median seconds of a round on executors, and as tasks.
        """
        self.seconds[executors].append(seconds)
        if executors != self.executors:
            return None
        self.noted += 1
        if self.noted % self.enough or min(map(len, self.seconds.values())) < ROUNDS:
            return None
        on_executors, as_tasks = _median(self.seconds[True]), _median(self.seconds[False])
        if (on_executors <= SLOWER * as_tasks) == self.executors:
            return None
        self.executors = not self.executors
        self.noted = 0
        self.seconds[self.executors].clear()
        if self.executors:
            self.enough *= 2
        return on_executors, as_tasks


def _median(values: Collection[float]) -> float:
    # The module statistics takes some milliseconds to import.
    return sorted(values)[len(values) // 2]
