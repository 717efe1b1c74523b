"""The inline backend: Ray's API in one process without a cluster, every call run where it is submitted.

For tests and for pdb. Values are copied, errors wrapped, and calls ordered as Ray does it; what differs is that tasks
and actors share the module globals (and the environment) of the program, since there is but one process.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import ray
import ray.actor
import ray.remote_function
import ray.runtime_context
from ray.exceptions import GetTimeoutError

from rayinfer.runtime.inline_actors import ActorHandle, create_actor, end_all_actors, exit_actor, find_actor
from rayinfer.runtime.inline_loop import begin, close_loops, finish
from rayinfer.runtime.inline_store import ObjectRef, put
from rayinfer.runtime.inline_tasks import Stream, current_call, submit_task

NODE_ID = "0" * 55 + "1"
JOB_ID = "01000000"
_depth = 0
_session: dict[str, Any] | None = None


@contextmanager
def inline_ray() -> Iterator[None]:
    """Inside, `ray` works without a cluster; afterwards it is what it was before. Blocks may be nested.

    Remote functions and classes may be defined before or inside the block; what was imported from ray by name before
    it (`from ray import get`) stays Ray's own.
    """
    global _depth
    before = [(owner, name, owner.__dict__[name]) for owner, name, _ in PATCHES]
    if _depth == 0:
        begin()
    _depth += 1
    for owner, name, ours in PATCHES:
        setattr(owner, name, ours)
    try:
        yield
    finally:
        _depth -= 1
        for owner, name, theirs in before:
            setattr(owner, name, theirs)
        if _depth == 0:
            _shutdown()


def _init(*args: Any, **options: Any) -> Any:
    if _session is not None and not options.get("ignore_reinit_error"):
        raise RuntimeError(
            "Maybe you called ray.init twice by accident? This error can be suppressed by passing in "
            "'ignore_reinit_error=True' or by calling 'ray.shutdown()' prior to 'ray.init()'."
        )
    session = _start(options)
    about = {"address": "inline", "gcs_address": "inline", "node_id": NODE_ID, "node_ip_address": "127.0.0.1"}
    return InlineSession({**about, "namespace": session["namespace"]})


def _start(options: Mapping[str, Any]) -> dict[str, Any]:
    global _session
    if _session is None:
        resources = {"CPU": float(options.get("num_cpus") or os.cpu_count() or 1), **(options.get("resources") or {})}
        if options.get("num_gpus"):
            resources["GPU"] = float(options["num_gpus"])
        resources["node:127.0.0.1"] = 1.0
        _session = {"namespace": options.get("namespace") or "default", "resources": resources}
    return _session


def _is_initialized() -> bool:
    return _session is not None


def _shutdown(*_args: Any, **_kwargs: Any) -> None:
    global _session
    end_all_actors()
    close_loops()
    _session = None


def _task_remote(self: Any, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
    _start({})

    def invoke(args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        return submit_task(self._function, args, kwargs, options, self._is_generator)

    return (self._decorator(invoke) if self._decorator else invoke)(args or (), kwargs or {})


def _actor_remote(self: Any, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
    session = _start({})
    options["namespace"] = options.get("namespace") or session["namespace"]
    return create_actor(self, args or (), kwargs or {}, options)


def _get(object_refs: Any, *, timeout: float | None = None, **_options: Any) -> Any:
    _start({})
    if isinstance(object_refs, ray.ObjectRefGenerator):
        return object_refs
    refs = [object_refs] if isinstance(object_refs, ray.ObjectRef) else object_refs
    if not isinstance(refs, list):
        raise ValueError(
            f"Invalid type of object refs, {type(refs)}, is given. "
            "'object_refs' must either be an ObjectRef or a list of ObjectRefs. "
        )
    for ref in refs:
        if not isinstance(ref, ray.ObjectRef):
            raise TypeError(f"Attempting to call `get` on the value {ref}, which is not an ray.ObjectRef.")
    _finish_or_raise(lambda: all(ref.box.done for ref in refs) or any(ref.box.error for ref in refs), timeout)
    in_call = current_call.get() is not None
    for ref in refs:
        if ref.box.error is not None:
            ref.box.value(in_call)
    values = [ref.box.value(in_call) for ref in refs]
    return values if refs is object_refs else values[0]


def _finish_or_raise(done: Callable[[], bool], timeout: float | None) -> None:
    if finish(done, None if timeout is None or timeout < 0 else timeout):
        return
    if timeout is not None and timeout >= 0:
        raise GetTimeoutError("Get timed out: some object(s) not ready.")
    raise RuntimeError("this get would wait for ever: nothing is left to run that could bring the object")


def _put(value: Any, **_options: Any) -> ObjectRef:
    _start({})
    if isinstance(value, ray.ObjectRef):
        raise TypeError(
            "Calling 'put' on an ray.ObjectRef is not allowed. If you really want to do this, you can wrap the "
            "ray.ObjectRef in a list and call 'put' on it."
        )
    return put(value)


def _wait(
    ray_waitables: Any, *, num_returns: int = 1, timeout: float | None = None, fetch_local: bool = True
) -> tuple[list[Any], list[Any]]:
    _start({})
    kinds = (ray.ObjectRef, ray.ObjectRefGenerator)
    if isinstance(ray_waitables, kinds):
        raise TypeError(
            "wait() expected a list of ray.ObjectRef or ray.ObjectRefGenerator, got a single ray.ObjectRef or "
            f"ray.ObjectRefGenerator {ray_waitables}"
        )
    if not isinstance(ray_waitables, list):
        raise TypeError(f"wait() expected a list of ray.ObjectRef or ray.ObjectRefGenerator, got {type(ray_waitables)}")
    if timeout is not None and timeout < 0:
        raise ValueError(f"The 'timeout' argument must be nonnegative. Received {timeout}")
    for one in ray_waitables:
        if not isinstance(one, kinds):
            raise TypeError(
                f"wait() expected a list of ray.ObjectRef or ray.ObjectRefGenerator, got list containing {type(one)}"
            )
    if not ray_waitables:
        return [], []
    if len(ray_waitables) != len(set(ray_waitables)):
        raise ValueError("Wait requires a list of unique ray_waitables.")
    if num_returns <= 0:
        raise ValueError(f"Invalid number of objects to return {num_returns}.")
    if num_returns > len(ray_waitables):
        raise ValueError("num_returns cannot be greater than the number of ray_waitables provided to ray.wait.")
    finish(lambda: sum(map(_is_ready, ray_waitables)) >= num_returns, timeout)
    ready = [one for one in ray_waitables if _is_ready(one)][:num_returns]
    taken = set(ready)
    return ready, [one for one in ray_waitables if one not in taken]


def _is_ready(one: Any) -> bool:
    return one.has_next() if isinstance(one, Stream) else bool(one.box.done)


def _kill(actor: Any, *, no_restart: bool = True) -> None:
    if not isinstance(actor, ActorHandle):
        raise ValueError(f"ray.kill() only supported for actors. For tasks, try ray.cancel(). Got: {type(actor)}.")
    actor._ray_actor.end(ray.exceptions.ActorDiedError())


def _cancel(ray_waitable: Any, *, force: bool = False, recursive: bool = True) -> None:
    ref = ray_waitable._generator_ref if isinstance(ray_waitable, Stream) else ray_waitable
    if not isinstance(ref, ray.ObjectRef):
        raise TypeError(
            f"ray.cancel() only supported for object refs. For actors, try ray.kill(). Got: {type(ray_waitable)}."
        )
    if ref.box.cancel is not None:
        ref.box.cancel()


def _get_actor(name: str, namespace: str | None = None) -> ActorHandle:
    return find_actor(name, namespace or _start({})["namespace"])


def _cluster_resources() -> dict[str, float]:
    return dict(_start({})["resources"])


def _nodes() -> list[dict[str, Any]]:
    return [
        {
            "NodeID": NODE_ID,
            "Alive": True,
            "NodeManagerAddress": "127.0.0.1",
            "NodeManagerHostname": "localhost",
            "NodeName": "127.0.0.1",
            "Resources": _cluster_resources(),
            "Labels": {},
            "alive": True,
        }
    ]


class InlineSession(ray._private.worker.RayContext):  # type: ignore[misc]
    """What `ray.init()` gives inline."""

    def __init__(self, address_info: dict[str, Any]) -> None:
        self.dashboard_url = ""
        self.python_version = ".".join(map(str, sys.version_info[:3]))
        self.ray_version = ray.__version__
        self.ray_commit = ray.__commit__
        self.address_info = address_info


class InlineContext(ray.runtime_context.RuntimeContext):  # type: ignore[misc]
    """What `ray.get_runtime_context()` tells inline."""

    def __init__(self) -> None:
        self._call = current_call.get()
        self._actor = self._call.actor if self._call else None

    def get_job_id(self) -> str:
        return JOB_ID

    def get_node_id(self) -> str:
        return NODE_ID

    def get_worker_id(self) -> str:
        return NODE_ID

    def get_task_id(self) -> str | None:
        return self._call.task_id.hex() if self._call else None

    def get_task_name(self) -> str | None:
        return self._call.name if self._call else None

    def get_task_function_name(self) -> str | None:
        return self._call.name if self._call else None

    def get_actor_id(self) -> str | None:
        return self._actor.actor_id.hex() if self._actor else None

    def get_actor_name(self) -> str | None:
        return (self._actor.name or "") if self._actor else None

    def get_assigned_resources(self) -> dict[str, float]:
        return {}

    def is_canceled(self) -> bool:
        return False

    @property
    def current_actor(self) -> ActorHandle:
        if self._actor is None:
            raise RuntimeError("This method is only available in an actor.")
        return ActorHandle(self._actor)

    @property
    def namespace(self) -> str:
        return str(_start({})["namespace"])

    @property
    def was_current_actor_reconstructed(self) -> bool:
        return False

    @property
    def gcs_address(self) -> str:
        return "inline"


PATCHES: list[tuple[Any, str, Any]] = [
    (ray, "init", _init),
    (ray, "is_initialized", _is_initialized),
    (ray, "shutdown", _shutdown),
    (ray, "get", _get),
    (ray, "put", _put),
    (ray, "wait", _wait),
    (ray, "kill", _kill),
    (ray, "cancel", _cancel),
    (ray, "get_actor", _get_actor),
    (ray, "nodes", _nodes),
    (ray, "cluster_resources", _cluster_resources),
    (ray, "available_resources", _cluster_resources),
    (ray, "get_gpu_ids", list),
    (ray, "timeline", lambda filename=None: []),
    (ray, "get_runtime_context", InlineContext),
    (ray.runtime_context, "get_runtime_context", InlineContext),
    (ray.actor, "exit_actor", exit_actor),
    (ray.remote_function.RemoteFunction, "_remote", _task_remote),
    (ray.actor.ActorClass, "_remote", _actor_remote),
]
