"""How Ray 2.60 sends a call to an actor, beyond its public API; any other Ray is left to do it by `.remote`."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import ray

from rayinfer.runtime.rayprivate import session

# The arguments of `submit_actor_task` are in the order of this version; others may have more.
KNOWN = ray.__version__.startswith("2.60.")


class Packed:
    """A value as Ray has serialized it: an argument of any number of calls, or of `ray.put`.

    `bytes` is its size; where `holds` is true it holds refs or handles, which Ray counts call by call. Its buffers are
    those of the value, so that it is as of its serialization only as long as nobody changes the value.
    """

    __slots__ = ("bytes", "holds", "serialized")

    def __init__(self, serialized: Any) -> None:
        self.serialized = serialized
        self.bytes: int = serialized.total_bytes
        self.holds = bool(serialized.contained_object_refs)


def pack(value: Any) -> Packed:
    """`value` serialized as Ray does it for `.remote`; raises what that raises."""
    return Packed(ray._private.worker.global_worker.get_serialization_context().serialize(value))


def was_submitted(base: Any) -> bool:
    """Whether Ray has read a remote function or actor class already, with the globals that it captures."""
    about = getattr(base, "__ray_metadata__", None)
    name = "_last_export_cluster_and_job" if about is None else "last_export_cluster_and_job"
    found = getattr(base if about is None else about, name, None)
    return found is not None and found == session()


def bound(method: Any) -> tuple[Any, str]:
    """The actor's handle and the name of `actor.method`."""
    return method._actor, method._method_name


def way(handle: Any, name: str) -> Any:
    """How `send` calls a method of an actor; None where `.remote` does more than to send a call that gives one ref."""
    if not KNOWN or type(handle) is not ray.actor.ActorHandle or not ray._private.worker.global_worker.connected:
        return None
    method = handle._method_shells.get(name)
    if method is None or not _is_plain(method) or handle._ray_is_cross_language or _is_traced():
        return None
    return method


def send(handle: Any, method: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """What `.remote(*args, **kwargs)` of a method gives, as `ActorMethod.remote` does it; `method` is the way to it.

    The arguments are known to fit the method. Raises what serializing them raises.
    """
    worker = ray._private.worker.global_worker
    flat: list[Any] = []
    for arg in args:
        flat.append(_POSITIONAL)
        flat.append(arg)
        if type(arg) is ray.ObjectRef:
            worker.rdt_manager.queue_or_trigger_out_of_band_tensor_transfer(handle, (arg,))
    for key, arg in kwargs.items():
        flat.append(key)
        flat.append(arg)
    backpressure = method._generator_backpressure_num_objects
    (ref,) = worker.core_worker.submit_actor_task(
        handle._ray_actor_language,
        handle._ray_actor_id,
        handle._ray_function_descriptor[method._method_name],
        flat,
        "",
        1,
        method._max_task_retries or 0,
        bool(method._retry_exceptions),
        None,
        handle._ray_actor_method_cpus,
        b"",
        -1 if backpressure is None else backpressure,
        method._num_objects_per_yield,
        method._enable_task_events,
        None,
        None,
    )
    return ref


def _is_plain(method: Any) -> bool:
    """Whether a method's declaration asks Ray for nothing but to send the call."""
    return (
        method._num_returns == 1
        and method._decorator is None
        and method._tensor_transport is None
        and type(method._retry_exceptions) in (bool, type(None))
    )


if KNOWN:
    from ray._common.signature import DUMMY_TYPE
    from ray._private.serialization import SerializationContext
    from ray.util.tracing.tracing_helper import _is_tracing_enabled as _is_traced

    _serialize = SerializationContext.serialize

    @functools.wraps(_serialize)
    def _serialize_once(self: Any, value: Any) -> Any:
        return value.serialized if type(value) is Packed else _serialize(self, value)

    SerializationContext.serialize = _serialize_once
    _POSITIONAL: Any = Packed(ray._raylet.RawSerializedObject(DUMMY_TYPE))
