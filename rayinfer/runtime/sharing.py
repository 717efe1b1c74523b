"""Values that several calls take: serialized, or stored, once."""

from __future__ import annotations

import collections
from typing import Any

import ray

from rayinfer.runtime import constants
from rayinfer.runtime.rayprivate_sends import Packed, pack
from rayinfer.runtime.values import ATOMIC, LARGE, is_array, may_be_pickled_once


class Shared:
    """Stand-ins for the values of calls, by identity, for as long as nothing can change one of them in between."""

    __slots__ = ("_are_shared", "_found")

    def __init__(self) -> None:
        # The value is held as well: its identity must not be given to another one.
        self._found: dict[int, tuple[Any, Any]] = {}
        self._are_shared = True

    def stand_in(self, value: Any) -> Any:
        """The value itself, or what is to be sent for it; raises what pickling raises.

        A large value is stored for all calls by the first one, until one was stored that no other call took: from then
        on by the second one.
        """
        if type(value) in ATOMIC or isinstance(value, ray.ObjectRef | ray.actor.ActorHandle):
            return value
        found = self._found.get(id(value))
        if found is None:
            return self._first(value)
        sent = found[1]
        if type(sent) is Packed and sent.bytes > LARGE:
            sent = _stored(value, sent)
            self._found[id(value)] = value, sent
        self._are_shared = True
        return sent

    def _first(self, value: Any) -> Any:
        packed = pack(value)
        if packed.holds or isinstance(value, collections.defaultdict) or not may_be_pickled_once(value):
            return packed  # A defaultdict grows as it is read.
        sent: Any = packed
        if packed.bytes > LARGE and self._are_shared:
            sent = _stored(value, packed)
            self._are_shared = False
        self._found[id(value)] = value, sent
        return sent


def _stored(value: Any, packed: Packed) -> Any:
    return constants.put(value, packed) if is_array(value) else ray.put(packed)
