"""Arguments as of submission: what must be copied so that a deferred call does not see a later mutation."""

from __future__ import annotations

import collections
import datetime
import decimal
import enum
import fractions
import functools
import io
import pathlib
import pickle
import re
import sys
import types
import uuid
from typing import Any

import ray
from ray import cloudpickle

from rayinfer.passes.hazards import installed

ATOMIC: frozenset[type] = frozenset(
    {
        type(None), bool, int, float, complex, str, bytes, range, type(Ellipsis), datetime.datetime, datetime.date,
        datetime.time, datetime.timedelta, decimal.Decimal, fractions.Fraction, pathlib.PosixPath,
        pathlib.PurePosixPath, re.Pattern, uuid.UUID,
    }
)  # fmt: skip
# What Ray itself puts into the object store instead of sending it inside the call.
LARGE = 100 * 1024
_DEEP = 20
_PICKLING = ("__getstate__", "__reduce__", "__reduce_ex__", "__getnewargs__", "__getnewargs_ex__")


class HoldsRefs(Exception):
    """A value holds object references or handles, which cannot be copied by pickling."""


class Frozen:
    """A value as it was when it was submitted: pickled, and given to the worker as the value itself."""

    __slots__ = ("buffers", "data", "kind")

    def __init__(self, kind: type, data: bytes, buffers: list[pickle.PickleBuffer]) -> None:
        self.kind = kind
        self.data = data
        self.buffers = buffers

    def __reduce__(self) -> tuple[Any, ...]:
        if not self.buffers:
            return pickle.loads, (self.data,)
        return functools.partial(pickle.loads, buffers=self.buffers), (self.data,)


class _Pickler(cloudpickle.Pickler):  # type: ignore[misc]
    def persistent_id(self, obj: Any) -> None:
        if isinstance(obj, ray.ObjectRef | ray.actor.ActorHandle):
            raise HoldsRefs


def is_array(value: Any) -> bool:
    """Whether this is a plain numpy array of plain numbers (numpy is not imported for it)."""
    kind = type(value)
    return kind.__name__ == "ndarray" and kind.__module__ == "numpy" and not value.dtype.hasobject


def is_immutable(value: Any) -> bool:
    """Whether nothing that anybody does can change this value."""
    kind = type(value)
    if kind in ATOMIC or isinstance(value, enum.Enum):
        return True
    if kind.__module__ == "numpy" and hasattr(value, "dtype") and getattr(value, "shape", None) == ():
        return kind.__name__ != "ndarray" and not value.dtype.hasobject
    return kind in (tuple, frozenset) and all(is_immutable(item) for item in value)


def may_be_pickled_once(value: Any, depth: int = 0) -> bool:
    """Whether nobody sees how often a value is pickled: no code of the program runs then."""
    kind = type(value)
    if is_immutable(value) or is_array(value) or isinstance(value, ray.ObjectRef | ray.actor.ActorHandle):
        return True
    if depth > _DEEP:
        return False
    if kind in (list, tuple, set, frozenset):
        return ATOMIC.issuperset(map(type, value)) or all(may_be_pickled_once(item, depth + 1) for item in value)
    if kind is dict:
        return may_be_pickled_once(list(value), depth + 1) and may_be_pickled_once(list(value.values()), depth + 1)
    if _is_installed(kind):
        return True
    own = [base for base in kind.__mro__ if base is not object]
    if any(name in vars(base) for base in own for name in _PICKLING) or not hasattr(value, "__dict__"):
        return False
    return may_be_pickled_once(vars(value), depth + 1)


def is_data(value: Any, left: list[int], depth: int = 0) -> bool:
    """Whether a value holds nothing but data, whose pickled form does not depend on which process makes it, and when.

    What is made by code of the program does: functions and classes of a script are pickled with what they hold then.
    What installed packages make is trusted. `left` is how many objects are looked at, besides those of containers that
    hold nothing but plain ones; where there are more, it is not known.
    """
    kind = type(value)
    left[0] -= 1
    if depth > _DEEP or left[0] < 0:
        return False
    if kind in (list, tuple, set, frozenset, collections.deque):
        return ATOMIC.issuperset(map(type, value)) or all(is_data(item, left, depth + 1) for item in value)
    if isinstance(value, dict):
        whole = kind in (dict, collections.OrderedDict)
        return whole and all(is_data(some, left, depth + 1) for some in (list(value), list(value.values())))
    if kind in ATOMIC or is_array(value):
        return True
    if isinstance(value, type | types.FunctionType | types.MethodType | functools.partial):
        return False
    if kind.__name__ == "ndarray" and kind.__module__ == "numpy":
        return False
    return _is_installed(kind)


def _is_installed(kind: type) -> bool:
    return installed(kind.__module__, getattr(sys.modules.get(kind.__module__), "__file__", None))


def freeze(value: Any) -> Any:
    """A stand-in for `value` that reaches the task as `value` is now; large ones are put into the object store.

    Raises HoldsRefs for an object that holds references, and what pickling raises for one that cannot be pickled.
    """
    kind = type(value)
    if kind is list and ATOMIC.issuperset(map(type, value)):
        return value[:]
    if is_immutable(value) or isinstance(value, ray.ObjectRef | ray.actor.ActorHandle):
        return value
    if is_array(value):
        return _freeze_array(value)
    if kind in (list, tuple, dict, set):
        try:
            return _copy(value, {}, 0)
        except _Opaque:
            pass
    return _freeze_object(value)


def _freeze_array(value: Any) -> Any:
    if value.nbytes > LARGE:
        from rayinfer.runtime import constants

        return constants.put(value, value)
    return value.copy(order="K")


def alone(value: Any) -> Any:
    """A stand-in for `value` that is pickled by itself, beside others that may share some of it.

    Raises what pickling raises for one that cannot be pickled.
    """
    if type(value) in ATOMIC:
        return value
    if type(value) is Frozen:
        return Frozen(value.kind, value.data, value.buffers)
    buffers: list[pickle.PickleBuffer] = []
    data = cloudpickle.dumps(value, protocol=5, buffer_callback=buffers.append)
    return Frozen(type(value), data, buffers)


class _Opaque(Exception):
    pass


def _copy(value: Any, memo: dict[int, Any], depth: int) -> Any:
    """A copy of nested containers of immutable values that keeps which parts are one object."""
    kind = type(value)
    if kind in ATOMIC:
        return value
    if kind in (list, dict, set, tuple):
        if id(value) in memo:
            return memo[id(value)]
        if depth > _DEEP:
            raise _Opaque
        copied: Any
        if kind is list:
            copied = memo[id(value)] = []
            copied.extend([_copy(item, memo, depth + 1) for item in value])
        elif kind is dict:
            copied = memo[id(value)] = {}
            for key, item in value.items():
                copied[_copy(key, memo, depth + 1)] = _copy(item, memo, depth + 1)
        elif kind is set:
            copied = memo[id(value)] = {_copy(item, memo, depth + 1) for item in value}
        else:
            copied = memo[id(value)] = tuple([_copy(item, memo, depth + 1) for item in value])
        return copied
    if isinstance(value, ray.ObjectRef | ray.actor.ActorHandle):
        raise HoldsRefs
    if is_immutable(value):
        return value
    raise _Opaque


def _freeze_object(value: Any) -> Any:
    buffers: list[pickle.PickleBuffer] = []
    with io.BytesIO() as file:
        _Pickler(file, protocol=5, buffer_callback=buffers.append).dump(value)
        data = file.getvalue()
    size = len(data) + sum(buffer.raw().nbytes for buffer in buffers)
    if size > LARGE:
        return ray.put(value)
    return Frozen(type(value), data, [pickle.PickleBuffer(bytes(buffer.raw())) for buffer in buffers])
