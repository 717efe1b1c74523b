"""The event loops of async actors, turned by whoever waits: inline there is no other thread to turn them."""

from __future__ import annotations

import asyncio
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from typing import Any

POLL_SECONDS = 0.001
PASSES_AT_SUBMISSION = 100
_loops: list[ActorLoop] = []
_due: deque[Callable[[], None]] = deque()
_thread = threading.local()
# Threads that were there before the session: none of them runs the program, so none can bring an object.
_bystanders: weakref.WeakSet[threading.Thread] = weakref.WeakSet()


class ActorLoop(asyncio.SelectorEventLoop):
    """The event loop of one async actor."""

    _ready: Any
    _scheduled: Any
    _default_executor: Any

    def __init__(self) -> None:
        super().__init__()
        _loops.append(self)

    def has_work(self) -> bool:
        """Whether a callback could run now."""
        return bool(self._ready) or (self.next_timer() <= 0)

    def next_timer(self) -> float:
        """Seconds until the next timer; infinite when there is none."""
        timers = [timer.when() for timer in self._scheduled if not timer.cancelled()]
        return min(timers) - self.time() if timers else float("inf")

    def turn(self) -> None:
        """Run what is ready, once; also inside a callback of another loop."""
        outer = asyncio._get_running_loop()
        asyncio._set_running_loop(None)
        try:
            self.call_soon(self.stop)
            self.run_forever()
        finally:
            asyncio._set_running_loop(outer)


def begin() -> None:
    """Take note of the threads that do not belong to the program: all but the one that starts the session."""
    _bystanders.clear()
    _bystanders.update(thread for thread in threading.enumerate() if thread is not threading.current_thread())


def _others_run() -> bool:
    """Whether another thread of the program could still bring an object."""
    me = threading.current_thread()
    return any(thread is not me and thread not in _bystanders for thread in threading.enumerate())


def call_all(calls: list[Callable[[], None]]) -> None:
    """Make `calls`; those made inside another one come after it, so that long chains need no deep stack."""
    _due.extend(calls)
    if not getattr(_thread, "calls", False):
        _thread.calls = True
        try:
            _make_due_calls()
        finally:
            _thread.calls = False


def _make_due_calls() -> None:
    while _due:
        try:
            call = _due.popleft()
        except IndexError:  # Another thread took it.
            return
        call()


def settle(loop: ActorLoop) -> None:
    """Run a loop until it has nothing left that is ready, as an actor's own process would right after a call."""
    for _ in range(PASSES_AT_SUBMISSION):
        if loop.is_running() or not loop.has_work():
            return
        loop.turn()


def finish(done: Callable[[], bool], timeout: float | None = None) -> bool:
    """Turn the loops until `done()`, and tell whether it is.

    Gives up after `timeout` seconds, and when nothing in this process could still bring it about.
    """
    deadline = float("inf") if timeout is None else time.monotonic() + timeout
    while not done():
        _make_due_calls()
        idle = [loop for loop in _loops if not loop.is_running()]
        busy = [loop for loop in idle if loop.has_work()]
        for loop in busy:
            loop.turn()
        if time.monotonic() >= deadline:
            return done()
        if busy or done():
            continue
        pause = min((loop.next_timer() for loop in idle), default=float("inf"))
        if _others_run():
            pause = min(pause, POLL_SECONDS)
        if pause == float("inf"):
            return False
        time.sleep(max(0.0, min(pause, deadline - time.monotonic())))
    return True


def close_loops() -> None:
    """Forget every loop; what still waits in one never goes on."""
    for loop in _loops:
        for task in asyncio.all_tasks(loop):
            task._log_destroy_pending = False  # type: ignore[attr-defined]
        if not loop.is_running():
            loop.close()
    _loops.clear()
    _due.clear()
