"""Work on many files in several processes: results in order, and what ends one process costs one file alone."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Died:
    """An item that has no result, since the process that worked on it came to an end; `reason` is a few words."""

    reason: str


def cpus() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def results(work: Callable[[T], R], items: Sequence[T], jobs: int) -> Iterator[R | Died]:
    """`work` of each item, in the order of the items, from `jobs` processes; where there is one, from this process.

    Items and results must be picklable, and `work`, too, where processes cannot be forked.
    """
    jobs = min(jobs, len(items))
    if jobs > 1:
        yield from _Pool(work, items, jobs).run()
    else:
        yield from map(work, items)


class _Pool(Generic[T, R]):
    def __init__(self, work: Callable[[T], R], items: Sequence[T], jobs: int) -> None:
        self.work, self.items, self.jobs = work, items, jobs
        # A fork has everything loaded that this process has; with threads in the process it could deadlock.
        safe = sys.platform == "linux" and threading.active_count() == 1
        self.context: Any = get_context("fork" if safe else "spawn")
        self.unstarted = iter(range(len(items)))
        self.busy: dict[Connection, tuple[Any, int]] = {}
        self.done: dict[int, R | Died] = {}

    def run(self) -> Iterator[R | Died]:
        following = 0
        try:
            for _ in range(self.jobs):
                self.start()
            while self.busy:
                for ours in wait(list(self.busy)):
                    assert isinstance(ours, Connection)
                    self.receive(ours)
                while following in self.done:
                    yield self.done.pop(following)
                    following += 1
        finally:
            for ours, (process, _) in self.busy.items():
                process.terminate()
                process.join()
                ours.close()

    def start(self) -> None:
        """Start a process, if there is an item left for it."""
        number = next(self.unstarted, None)
        if number is None:
            return
        ours, theirs = self.context.Pipe()
        # What is buffered here would be written by the child once more.
        sys.stdout.flush()
        sys.stderr.flush()
        inherited = [*self.busy, ours] if self.context.get_start_method() == "fork" else []
        process = self.context.Process(target=_serve, args=(theirs, self.work, inherited), daemon=True)
        process.start()
        theirs.close()
        self.busy[ours] = (process, number)
        self.send(ours)

    def send(self, ours: Connection) -> None:
        with suppress(BrokenPipeError):  # it has died, which is seen when it is to answer
            ours.send(self.items[self.busy[ours][1]])

    def receive(self, ours: Connection) -> None:
        process, number = self.busy[ours]
        try:
            self.done[number] = ours.recv()
        except (EOFError, ConnectionResetError):
            del self.busy[ours]
            ours.close()
            process.join()
            self.done[number] = Died(_how_it_ended(process.exitcode))
            self.start()
            return
        following = next(self.unstarted, None)
        if following is None:
            del self.busy[ours]
            ours.close()
            process.join()
        else:
            self.busy[ours] = (process, following)
            self.send(ours)


def _serve(connection: Connection, work: Callable[[Any], Any], inherited: Sequence[Connection]) -> None:
    # The terminal interrupts every process; the first one ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for other in inherited:
        # Else this process would keep the others' pipes open, and they would outlive the first one.
        other.close()
    while True:
        try:
            item = connection.recv()
        except EOFError:
            return
        connection.send(work(item))


def _how_it_ended(code: int | None) -> str:
    if code is not None and code < 0:
        try:
            return f"the process died by {signal.Signals(-code).name}"
        except ValueError:
            return f"the process died by signal {-code}"
    return f"the process died with exit code {code}"
