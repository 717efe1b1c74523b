"""Values that a program gets only to pass them on: their refs, where Ray would store each of them once more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import ray

from rayinfer.runtime import config, rayprivate
from rayinfer.runtime.callees import FOREIGN, name_of, tell
from rayinfer.runtime.rayprivate_objects import goes_another_way, locations
from rayinfer.runtime.values import ATOMIC, LARGE, is_data

# So many objects of a value are looked at: more take about as long as to pickle them.
_LOOKED_AT = 1000
_NOT_LONG = ATOMIC - {str, bytes}


def takes_refs(to: Iterable[Any]) -> bool:
    """Whether all that the values go to is Ray's, which puts a value in a ref's place; what is not may look at it."""
    if config.backend() == "inline" or locations is None:
        return False
    foreign = next((one for one in to if rayprivate.declared(one) is None), None)
    if foreign is not None:
        tell(FOREIGN, name_of(foreign))
    return foreign is None


def stand_in(ref: Any, value: Any) -> Any:
    """What a call is given for the value that `ray.get` of a ref gave: the ref of a large value, or the value itself.

    A ref gives what passing the value would: the object stays where it is, is stored no second time, and lives as long
    as the name that holds it. So it is not for what Ray sends inside of a call, for an object that another process owns
    and may take with it, for a value that holds more than data, which the driver would pickle as it is now, and for
    tensors that do not go through the object store.
    """
    if type(ref) is not ray.ObjectRef or type(value) in _NOT_LONG or type(value) is ray.ObjectRef:
        return value
    known = locations([ref]).get(ref) if locations is not None else None
    # A call's own arguments are stored from the same size on.
    if known is None or (known["object_size"] or 0) <= LARGE or goes_another_way(ref):
        return value
    if bytes.fromhex(ray.get_runtime_context().get_worker_id()) not in ref.owner_address():
        return value
    return ref if is_data(value, [_LOOKED_AT]) else value


def stand_ins(refs: Any, values: list[Any]) -> list[Any]:
    """The same of each of a list of refs; of anything else that was got, as it came."""
    return list(map(stand_in, refs, values)) if type(refs) is list else values


def passed(ref: Any, to: Sequence[Any]) -> Any:
    """`ray.get(ref)`, and then what is given to calls for the value; raises what `ray.get` raises."""
    value = ray.get(ref)
    return stand_in(ref, value) if takes_refs(to) else value


def passed_each(refs: Any, to: Sequence[Any]) -> Any:
    """`ray.get(refs)`, and then a list of what is given to calls for each value; raises what `ray.get` raises."""
    # The list may hold others by the time that the values are there.
    own = list(refs) if type(refs) is list else refs
    values = ray.get(refs)
    return stand_ins(own, values) if takes_refs(to) else values
