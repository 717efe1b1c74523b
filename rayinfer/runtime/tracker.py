"""Which placed members still run, by looking now and then at whether their results are ready."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import ray

from rayinfer.runtime import watcher

_lock = threading.Lock()
_pruning = threading.Lock()
_last = [0.0]
# Looking again sooner than this many seconds would tell little.
FRESH = 0.005
# Per unfinished member: its ref, what to do when it ends, and when it was submitted.
_running: list[tuple[Any, Callable[[float], None], float]] = []


def track(ref: Any, ended: Callable[[float], None]) -> None:
    """Call `ended(seconds)` soon after the task behind `ref` ended; its ref is held no longer than that.

    Of several results, which come together, the first stands for all.
    """
    if type(ref) is list and ref:
        ref = ref[0]
    if type(ref) is not ray.ObjectRef:
        ended(0.0)
        return
    with _lock:
        _running.append((ref, ended, time.monotonic()))
    if len(_running) == 1:
        watcher.look_after(prune)


def refresh() -> None:
    """Look which members ended, unless that was just done."""
    if _running and time.monotonic() - _last[0] > FRESH:
        prune()


def count() -> int:
    """How many members are being watched."""
    return len(_running)


def prune() -> bool:
    """Look which members ended; whether some still run."""
    if not _pruning.acquire(blocking=False):
        # Another thread is looking.
        return bool(_running)
    try:
        return _prune()
    finally:
        _pruning.release()


def result(ref: Any) -> Any:
    """What a task that ended gave; None when it failed or its session is over."""
    if not ray.is_initialized():
        return None  # asking would start a cluster
    try:
        return ray.get(ref, timeout=1)
    except (ray.exceptions.RayError, ValueError):
        return None  # ValueError: the ref is of a session that is over


def _prune() -> bool:
    _last[0] = time.monotonic()
    with _lock:
        entries = _running[:]
    if not entries:
        return False
    done = _ended([entry[0] for entry in entries])
    now = time.monotonic()
    with _lock:
        _running[: len(entries)] = [entry for entry in entries if entry[0] not in done]
    for ref, ended, since in entries:
        if ref in done:
            ended(now - since)
    return bool(_running)


def _ended(refs: list[Any]) -> set[Any]:
    """Those of these refs whose tasks ended; all of them when Ray itself has."""
    unique = list(dict.fromkeys(refs))
    if not ray.is_initialized():
        return set(unique)
    try:
        return set(ray.wait(unique, num_returns=len(unique), timeout=0, fetch_local=False)[0])
    except Exception:
        # Refs of an earlier connection: nothing of it runs any more.
        return set(unique)
