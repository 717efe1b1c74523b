"""What Ray has stored for refs of this process, beyond its public API: nothing is known where it does so otherwise."""

from __future__ import annotations

import builtins
import io
import pickle
import sys
from collections.abc import Sequence
from typing import Any

import ray
import ray.experimental

from rayinfer.passes.hazards import installed

# What the owner of an object knows of it; older versions of Ray do not tell.
locations = getattr(ray.experimental, "get_local_object_locations", None)
# How Ray marks objects: bytes, plain values that any language reads, and what Python has pickled. Errors and handles
# have other marks.
_RAW, _PLAIN, _PICKLED = b"RAW", b"XLANG", b"PYTHON"
# Ray numbers what a task puts from here on, and the results that it gives from one.
_FIRST_PUT = 100_000_001
# Modules whose functions make refs, handles, and functions and classes of the program.
_MAKERS = frozenset({"ray", "cloudpickle"})


def hold_data(refs: Sequence[Any], most_pickled: int, most_bytes: float) -> bool:
    """Whether the values of all these refs are there, and nothing but data.

    That is: this process owns each of them, as an object that it has put and that is on its node, or as a result that
    came with its task's reply; none is an error, a handle, or holds refs, handles or objects of the program's classes.
    So a task that takes them waits for none and fails because of none, and pickling them anew runs no code of the
    program and counts no refs. No value is made for it. False where they are more than `most_bytes`, or what is pickled
    of them, which is looked through, is more than `most_pickled`.
    """
    worker = ray._private.worker.global_worker
    if locations is None or not worker.connected:
        return False
    try:
        known = locations(list(refs))
        here = ray.get_runtime_context().get_node_id()
        if not all(_is_at_hand(ref, known[ref], worker.worker_id, here) for ref in refs):
            return False
        if sum(one["object_size"] for one in known.values()) > most_bytes:
            return False
        # As they are stored: nothing is loaded, nor copied, and what is not there by now is not waited for.
        stored = worker.core_worker.get_objects(list(refs), 0)
        return _are_data(stored, most_pickled)
    except Exception:
        # A timeout, or another Ray.
        return False


def goes_another_way(ref: Any) -> bool:
    """Whether the tensors of an object are sent between actors, and not through the object store."""
    transport = getattr(ref, "tensor_transport", None)
    return transport is not None and transport() is not None


def _is_at_hand(ref: Any, known: Any, owner: bytes, here: str) -> bool:
    """Whether an object is there for as long as this process and its node are: nothing has to make it once more."""
    if known["object_size"] is None or owner not in ref.owner_address() or goes_another_way(ref):
        return False
    # The results that are in no object store came with their tasks' replies.
    return not known["node_ids"] or (_is_put(ref) and here in known["node_ids"])


def _is_put(ref: Any) -> bool:
    return int.from_bytes(ref.binary()[-4:], "little") >= _FIRST_PUT


def _are_data(stored: Sequence[Any], most_pickled: int) -> bool:
    from ray._raylet import split_buffer, unpack_pickle5_buffers  # type: ignore[attr-defined]

    left = most_pickled
    for data, metadata, *_ in stored:
        kind = bytes(metadata).partition(b",")[0]
        if kind in (_RAW, _PLAIN):
            continue
        if kind != _PICKLED:
            return False
        pickled, buffers = unpack_pickle5_buffers(split_buffer(data)[1])
        left -= len(pickled)
        if left < 0 or not _is_data(pickled, buffers):
            return False
    return True


def _is_data(pickled: Any, buffers: Any) -> bool:
    """Whether a pickle makes nothing but data; as for `values.is_data`, what installed packages make is trusted."""
    names = _Names(pickled, buffers=buffers)
    names.load()
    return names.are_of_data


class _Anything:
    """What stands for all that a pickle would make by a class or a function: it takes everything, and does nothing."""

    def __new__(cls, *_args: Any, **_kwargs: Any) -> _Anything:
        return object.__new__(cls)

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        pass

    def _take(self, *_args: Any, **_kwargs: Any) -> _Anything:
        return self

    __call__ = __setstate__ = __setitem__ = append = extend = add = _take


class _Names(pickle.Unpickler):
    """Reads a pickle without any code of it: `are_of_data` tells from the names in it what would be made."""

    def __init__(self, pickled: Any, buffers: Any) -> None:
        super().__init__(io.BytesIO(pickled), buffers=buffers)
        self.are_of_data = True

    def find_class(self, module: str, name: str) -> Any:
        root = module.partition(".")[0]
        if root == "builtins":
            fine = isinstance(getattr(builtins, name, None), type)
        else:
            fine = root not in _MAKERS and installed(module, getattr(sys.modules.get(module), "__file__", None))
        self.are_of_data &= fine
        return _Anything
