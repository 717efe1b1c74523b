"""What must hold for a program: compiled as it should be, and the same plain and rewritten, at once and deferred."""

from __future__ import annotations

import contextlib
import gc
import logging
import re
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any
from unittest import mock

import ray

from benchmarks.checks import wrong_with
from rayinfer.compiler import Compiled, compile_source
from rayinfer.runtime import regions, watcher
from tests.cases import running

# So many seconds of CPU a program may take; none needs a tenth of one.
SECONDS = 4
# Python names what is called with `*5`, by its class or its address.
_VARIES = re.compile(r"ObjectRef\([0-9a-f]+\)|Actor\(\w+, ?[0-9a-f]+\)|[^\n:]+(?= argument after \*)|0x[0-9a-f]+")

# Where two tasks of one `ray.get` fail, Ray raises the error of the one that fails first.
_WHICH_TASK = re.compile(r"(?<=uncaught RayTaskError\()(\w+)(\): ).*")

Outcome = tuple[int, str]


class TookTooLong(BaseException):
    """A program did not end."""


@dataclass(frozen=True)
class Verdict:
    """What came of one program: `failure` names the kind of difference, `details` shows it; None when there is none.

    `valid` programs compile; `plain` is what the plain program printed and its exit code.
    """

    valid: bool
    compiled: Compiled | None = None
    plain: Outcome | None = None
    failure: str | None = None
    details: str = ""

    @property
    def ended_well(self) -> bool:
        """Whether the plain program came to its end."""
        return self.plain is not None and self.plain[0] == 0


_MODES: tuple[tuple[str, Callable[[Compiled, Path], Outcome]], ...] = (
    ("inline", running.rewritten_inline),
    ("deferred", running.rewritten_deferred),
    ("bundled", running.rewritten_bundled),
)


def judge(text: str, folder: Path, thorough: bool = True) -> Verdict:
    """Compiles a program, and runs it plain and rewritten in this process.

    A `thorough` judge also sees that compiling again gives the same, and compiling the output nothing new.
    """
    path = "program.py"
    data = text.encode()
    if not _is_python(text):
        return Verdict(False)
    try:
        compiled = compile_source(data, path)
        if thorough and compile_source(data, path) != compiled:
            return Verdict(True, compiled, None, "compiling twice differs")
        wrong = list(wrong_with(compiled, again=thorough))
    except Exception:
        return Verdict(True, None, None, "the compiler crashes", traceback.format_exc(limit=-6))
    if wrong:
        return Verdict(True, compiled, None, "a check of the output fails", "\n".join(wrong))
    case = folder / path
    case.write_bytes(data)
    plain = _run(running.plain_inline, case)
    if isinstance(plain, str):
        return Verdict(False, compiled, None)
    if compiled.changed:
        for name, run in _MODES:
            rewritten = _run(run, compiled, case)
            if _agree(plain, rewritten, name, compiled):
                continue
            return _different(f"{name} differs", compiled, plain, rewritten)
    return Verdict(True, compiled, plain)


def judge_on_cluster(text: str, folder: Path) -> Verdict:
    """Runs a program plain and rewritten, by both backends, on the cluster that this process is connected to."""
    if not _is_python(text):
        return Verdict(False)
    compiled = compile_source(text.encode(), "program.py")
    case = folder / "program.py"
    case.write_text(text)
    plain = _normal(running.plain_cluster(case))
    for backend in ("group", "vanilla"):
        _end_actors()
        rewritten = _normal(running.rewritten_cluster(compiled, case, backend=backend))
        if rewritten != plain:
            return _different(f"the {backend} backend differs", compiled, plain, rewritten)
    _end_actors()
    return Verdict(True, compiled, plain)


def _end_actors() -> None:
    """End the actors that a program left, which hold CPUs: its functions hold them, in circles, and so does Ray."""
    gc.collect()
    worker = ray._private.worker.global_worker.core_worker
    end = time.monotonic() + 20
    while time.monotonic() < end:
        alive = [key for key, actor in ray._private.state.actors().items() if actor["State"] != "DEAD"]
        if not alive:
            return
        for key in alive:
            with contextlib.suppress(Exception):
                worker.kill_actor(ray.ActorID.from_hex(key), True)
        time.sleep(0.05)


def _is_python(text: str) -> bool:
    try:
        compile(text, "program.py", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


def _normal(outcome: Outcome) -> Outcome:
    return outcome[0], _WHICH_TASK.sub(r"\1\2?", _VARIES.sub("?", outcome[1]))


def _different(failure: str, compiled: Compiled, plain: Outcome, rewritten: Outcome | str) -> Verdict:
    shown = rewritten if isinstance(rewritten, str) else f"exit code {rewritten[0]}\n{rewritten[1]}"
    details = f"--- plain: exit code {plain[0]}\n{plain[1]}--- as rewritten: {shown}--- output\n"
    return Verdict(True, compiled, plain, failure, details + compiled.output.decode())


def _run(run: Callable[..., Outcome], *args: Any) -> Outcome | str:
    """Exit code and output, or what went wrong with the harness itself."""
    logging.disable(logging.WARNING)
    try:
        with _deadline(), _nobody_watches():
            return _normal(run(*args))
    except AssertionError as error:
        return f"{error}\n"
    except TookTooLong:
        return f"did not end within {SECONDS} s\n"
    finally:
        logging.disable(logging.NOTSET)
        regions._threads.region = regions.Region()


def _agree(plain: Outcome, rewritten: Outcome | str, mode: str, compiled: Compiled) -> bool:
    """Whether the rewritten program did what it must: the program's own lines and those of its actors are in order.

    The lines of tasks are, too, unless an exception left some pending or chains of them were fused, and they are all
    there, unless calls were made ahead of their turn, more than the program made in the end.
    """
    if rewritten == plain:
        return True
    if isinstance(rewritten, str) or plain[0] != rewritten[0]:
        return False
    ours, theirs = plain[1].splitlines(), rewritten[1].splitlines()
    for kind in (_of_program, _of_actor):
        if list(filter(kind, ours)) != list(filter(kind, theirs)):
            return False
    if b".ahead(" in compiled.output:
        return True
    raised = plain[0] != 0 or "caught" in plain[1]
    return (raised or mode == "bundled") and sorted(ours) == sorted(theirs)


def _of_program(line: str) -> bool:
    return not line.startswith(".")


def _of_actor(line: str) -> bool:
    return line.startswith((".Log", ".Counter", ".Frail"))


@contextlib.contextmanager
def _deadline() -> Iterator[None]:
    expired = False

    def expire(_number: int, _frame: FrameType | None) -> None:
        nonlocal expired
        expired = True
        raise TookTooLong

    before = signal.signal(signal.SIGPROF, expire)
    # Again and again, since an exception in some callbacks is lost.
    signal.setitimer(signal.ITIMER_PROF, SECONDS, 0.5)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    if expired:
        raise TookTooLong


@contextlib.contextmanager
def _nobody_watches() -> Iterator[None]:
    """Regions that an exception left are submitted when the next one ends, or by `running`, but at no odd moment."""
    with mock.patch.object(watcher.watcher, "watch", watcher.watcher.regions.add):
        yield
