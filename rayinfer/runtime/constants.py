"""Large arrays that a program passes again and again: stored once, for as long as they are seen to be the same."""

from __future__ import annotations

import sys
import time
import weakref
from typing import Any

import ray

from rayinfer.runtime import cluster, rayprivate, watcher

# So many bytes are compared at a time: the first difference ends it.
_AT_ONCE = 1 << 18
# An object is kept until its array was not passed for so many times as long as lately lay between two times.
_PATIENCE = 2.0
# What is kept is held between two rounds, where plain Ray holds nothing: at most this share of a node's object store.
_SHARE = 0.1


class _Array:
    """An array that was stored: when, and the object that holds what it held, with a view of it, where that is kept."""

    __slots__ = ("array", "changes", "kept", "pause", "used", "view")

    def __init__(self, array: weakref.ref[Any]) -> None:
        self.array = array
        self.used = time.monotonic()
        self.pause = 0.0
        self.changes = False
        self.kept: Any = None
        self.view: Any = None

    def release(self) -> None:
        """Keep the object no longer."""
        self.kept = self.view = None


# By the identity of each array, as long as that lives.
_arrays: dict[int, _Array] = {}
_session: list[Any] = [None]


def put(value: Any, packed: Any) -> Any:
    """The ref of an object that holds the array `value`, stored as `packed` if there is none that was kept.

    What is stored for an array the second time is kept, and the third time compared with it, byte by byte: nothing has
    to be known of who may change the array. One that was seen to change is never kept again.
    """
    known = _known(value) if value.flags.c_contiguous else None
    if known is None:
        return ray.put(packed)
    now = time.monotonic()
    known.pause, known.used = max(known.pause / 2, now - known.used), now
    ref, view = known.kept, known.view
    if view is not None:
        if _equal(value, view):
            return ref
        known.changes = True
        known.release()
        # Before the new one is stored.
        del ref, view
    ref = ray.put(packed)
    if not known.changes and value.nbytes + _kept() <= _SHARE * cluster.store_bytes():
        known.view = rayprivate.peek(ref)
        if known.view is not None:
            known.kept = ref
            watcher.look_after(_tend)
    return ref


def _known(value: Any) -> _Array | None:
    """What is known of an array that was stored before; one that was not is from now on."""
    session = rayprivate.session()
    if session != _session[0]:
        _arrays.clear()
        _session[0] = session
    key = id(value)
    known = _arrays.get(key)
    if known is not None and known.array() is value:
        return known
    _arrays[key] = made = _Array(weakref.ref(value, lambda gone: _forget(key, gone)))
    assert made.array() is value
    return None


def _forget(key: int, gone: Any) -> None:
    known = _arrays.get(key)
    if known is not None and known.array is gone:
        del _arrays[key]


def _equal(value: Any, view: Any) -> bool:
    """Whether an array is of the same type and shape as another, and holds the same bytes."""
    if value.dtype != view.dtype or value.shape != view.shape or not value.flags.c_contiguous:
        return False
    numpy = sys.modules["numpy"]
    # Words are compared in half the time of bytes.
    kind = numpy.uint8 if value.nbytes % 8 else numpy.uint64
    one, other = (array.reshape(-1).view(numpy.uint8).view(kind) for array in (value, view))
    step = _AT_ONCE // one.itemsize
    return all(numpy.array_equal(one[at : at + step], other[at : at + step]) for at in range(0, one.size, step))


def _kept() -> int:
    return sum(known.view.nbytes for known in list(_arrays.values()) if known.view is not None)


def _tend() -> bool:
    """Release what is not passed any more; whether any is left."""
    now, left = time.monotonic(), False
    for known in list(_arrays.values()):
        if known.kept is not None:
            if now - known.used > _PATIENCE * known.pause + watcher.LOOK_SECONDS:
                known.release()
            else:
                left = True
    return left
