"""The watcher: a daemon thread that submits abandoned regions and looks after what runs."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from rayinfer.runtime import rayprivate

if TYPE_CHECKING:
    from rayinfer.runtime.regions import Region

# It looks around this often: twice in the time after which a region counts as abandoned.
LOOK_SECONDS = 0.05


class Watcher:
    """A daemon thread that submits abandoned regions and looks after what runs; asleep while nothing is pending."""

    def __init__(self) -> None:
        self.regions: set[Region] = set()
        self.wake = threading.Event()
        self.thread: threading.Thread | None = None
        self.chores: list[Any] = []
        self.asleep = True
        # Held while the thread asks Ray for anything: Ray ends the process when it is asked in the middle of its end.
        self.asking = threading.RLock()

    def watch(self, region: Region) -> None:
        self.regions.add(region)
        self.nudge()

    def unwatch(self, region: Region) -> None:
        self.regions.discard(region)

    def nudge(self) -> None:
        """Have the thread look around again."""
        if self.asleep:
            self.asleep = False
            if self.thread is None or not self.thread.is_alive():
                self.thread = threading.Thread(target=self._run, name="rayinfer-watcher", daemon=True)
                self.thread.start()
            self.wake.set()

    def _run(self) -> None:
        idle = 0
        while True:
            time.sleep(LOOK_SECONDS)
            with self.asking:
                busy = self._look_around()
            idle = 0 if busy else idle + 1
            if idle > 20:
                self.wake.clear()
                self.asleep = True
                if not self.regions:
                    self.wake.wait()
                self.asleep = False
                idle = 0

    def _look_around(self) -> bool:
        """Submit abandoned regions and do the chores; whether there is more to wait for."""
        now = time.monotonic()
        busy = bool(self.regions)
        for region in list(self.regions):
            if region.is_late(now) and region.lock.acquire(blocking=False):
                try:
                    region.flush()
                except BaseException as error:
                    region.error = error
                finally:
                    region.lock.release()
        for chore in list(self.chores):
            busy |= bool(chore())
        return busy

    def end(self) -> None:
        """Submit what every thread left pending, and ask Ray for nothing more: the process ends."""
        self.flush()
        self.asking.acquire()

    def flush(self) -> None:
        """Submit what every thread left pending."""
        for region in list(self.regions):
            region.flush()

    def forked(self) -> None:
        """In a process that was forked: what is pending is the parent's, and so is all that runs."""
        for region in self.regions:
            region.runs, region.tail = [], None
        self.regions.clear()
        self.chores.clear()
        self.thread, self.asleep = None, True
        self.asking.release()


watcher = Watcher()


def look_after(chore: Any) -> None:
    """Have `chore()` called every `LOOK_SECONDS` for as long as it returns true."""
    rayprivate.before_shutdown(watcher.asking)
    if chore not in watcher.chores:
        watcher.chores.append(chore)
    watcher.nudge()
