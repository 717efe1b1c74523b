"""All that is read of Ray beyond its public API; seen in Ray 2.60.0, and done without where it is absent."""

from __future__ import annotations

import functools
import inspect
import os
import threading
import types
import weakref
from collections.abc import Callable, Container
from dataclasses import dataclass, replace
from typing import Any

import ray

OLDEST = (2, 40)
# What waits for submissions, looks for what they made, stops them, or ends the session they belong to.
_FLUSHING = ("wait", "kill", "cancel", "get_actor", "shutdown")
_signatures: weakref.WeakKeyDictionary[Any, list[inspect.Parameter] | None] = weakref.WeakKeyDictionary()
# The node that this process was last seen connected to, and what it is connected to by it.
_connected: tuple[Callable[[], Any], Any] = (lambda: None, None)


def check_version() -> None:
    """Raise RuntimeError when the installed Ray is older than what the group backend knows."""
    parts = ray.__version__.split(".")[:2]
    try:
        version = tuple(int(part) for part in parts)
    except ValueError:
        return
    if version < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        raise RuntimeError(f"rayinfer needs Ray {wanted} or newer; this is Ray {ray.__version__}.")


def before_shutdown(lock: threading.RLock) -> None:
    """Have `ray.shutdown()` take `lock` first, so that no thread asks Ray for anything while it goes down.

    Ray ends the process with a failed check when its core worker is asked in the middle of its shutdown.
    """
    if getattr(ray.shutdown, "_rayinfer_lock", None) is lock:
        return
    shutdown = ray.shutdown

    @functools.wraps(shutdown)
    def locked(*args: Any, **kwargs: Any) -> Any:
        with lock:
            return shutdown(*args, **kwargs)

    locked._rayinfer_lock = lock  # type: ignore[attr-defined]
    ray.shutdown = locked


def spare_from_cancel(carrying: Container[bytes]) -> None:
    """Have `ray.cancel` of a result of one of these tasks, each of which has several, come too late."""
    cell = _inside(getattr(ray._private.worker, "cancel", None))
    if cell is None or hasattr(cell.cell_contents, "_rayinfer_spares"):
        return
    cancel = cell.cell_contents

    @functools.wraps(cancel)
    def sparing(ref: Any, *args: Any, **kwargs: Any) -> Any:
        if type(ref) is ray.ObjectRef and ref.task_id().binary() in carrying:
            return None
        return cancel(ref, *args, **kwargs)

    sparing._rayinfer_spares = True  # type: ignore[attr-defined]
    cell.cell_contents = sparing


def attempt_number() -> int:
    """How many times the task that this worker runs was begun before; 0 where that is not known."""
    try:
        return int(ray._private.worker.global_worker.core_worker.get_current_task_attempt_number())
    except AttributeError:
        return 0


def before_use(flush: Callable[[], None]) -> None:
    """Have each call of Ray that submits by other means, waits, looks or stops something call `flush()` first.

    Code that the compiler did not see (a property, an operator, what follows an exception) may use Ray in the middle of
    a region: what comes before it in the program must then be submitted.
    """
    _wrap(getattr(ray.actor, "ActorHandle", None), "_actor_method_call", flush)
    _wrap(getattr(getattr(ray, "remote_function", None), "RemoteFunction", None), "_remote", flush)
    _wrap(getattr(ray._private.worker, "Worker", None), "get_objects", flush)
    for name in _FLUSHING:
        _wrap_inside(getattr(ray._private.worker, name, None), flush)


def _wrap(owner: Any, name: str, flush: Callable[[], None]) -> None:
    plain = getattr(owner, name, None)
    if plain is not None and not hasattr(plain, "_rayinfer"):
        setattr(owner, name, _after(plain, flush))


def session() -> Any:
    """What this process is connected to, or None: another thing after each `ray.init()`, as a job's id alone is not."""
    global _connected
    worker = ray._private.worker.global_worker
    if not worker.connected:
        return None
    node, found = _connected
    if node() is not worker.node:
        found = worker.current_cluster_and_job
        _connected = weakref.ref(worker.node), found
    return found


def peek(ref: Any) -> Any:
    """The value behind a ref that is there, without what `before_use` has a get do first.

    None without a session, and where the store is so full that the value cannot be had at once.
    """
    worker = ray._private.worker.global_worker
    if not worker.connected:
        return None
    get = type(worker).get_objects
    plain = get.__wrapped__ if hasattr(get, "_rayinfer") else get
    try:
        return plain(worker, [ref], timeout=1)[0][0]
    except ray.exceptions.RayError:
        return None


def _wrap_inside(hooked: Any, flush: Callable[[], None]) -> None:
    """The same of a function of Ray's API, under every name by which a program has imported it."""
    cell = _inside(hooked)
    if cell is not None and not hasattr(cell.cell_contents, "_rayinfer"):
        cell.cell_contents = _after(cell.cell_contents, flush)


def _inside(hooked: Any) -> types.CellType | None:
    """Where what `client_mode_hook` made of a function of Ray's API keeps the function itself."""
    code = getattr(hooked, "__code__", None)
    if code is None or "func" not in code.co_freevars:
        return None
    cell: types.CellType = hooked.__closure__[code.co_freevars.index("func")]
    return cell


def _after(plain: Callable[..., Any], flush: Callable[[], None]) -> Callable[..., Any]:
    @functools.wraps(plain)
    def after_flush(*args: Any, **kwargs: Any) -> Any:
        flush()
        return plain(*args, **kwargs)

    after_flush._rayinfer = True  # type: ignore[attr-defined]
    return after_flush


def is_of_ray(task: Any) -> bool:
    """Whether this is one of Ray's own remote functions, actor classes, or option wrappers of them."""
    if is_remote_function(task):
        return True
    return any(base.__module__.partition(".")[0] == "ray" for base in type(task).__mro__) and hasattr(task, "remote")


def is_remote_function(task: Any) -> bool:
    """Whether this is a plain remote function (and not `.options(...)` of one)."""
    remote_function = getattr(ray, "remote_function", None)
    kind = getattr(remote_function, "RemoteFunction", None)
    return kind is not None and type(task) is kind


def is_actor_class(task: Any) -> bool:
    """Whether this is a plain actor class (and not `.options(...)` of one)."""
    kind = getattr(getattr(ray, "actor", None), "ActorClass", None)
    return kind is not None and isinstance(task, kind)


def _held(task: Any) -> dict[str, Any]:
    """What the `.remote` of an object of Ray's holds: as a closure, for what `.options(...)` gave."""
    remote = getattr(type(task), "remote", None)
    if type(task).__module__ not in ("ray.remote_function", "ray.actor") or not isinstance(remote, types.FunctionType):
        return {}
    cells = zip(remote.__code__.co_freevars, remote.__closure__ or (), strict=True)
    return {name: cell.cell_contents for name, cell in cells}


def without_options(task: Any) -> Any:
    """The remote function or actor class under what `.options(...)` gave; None where it cannot be had."""
    held = _held(task)
    return held.get("func_cls", held.get("actor_cls"))


def declared(task: Any) -> tuple[str, Any, dict[str, Any]] | None:
    """Of a remote function or actor class, or one with `.options(...)`: its node, itself without options, its options.

    None for anything else, also for what calls code of the user's as it is submitted.
    """
    if is_remote_function(task) or is_actor_class(task):
        base, options = task, default_options(task)
    else:
        # Nothing is looked up on an object of the program's.
        base, options = without_options(task), _held(task).get("updated_options")
    if not isinstance(options, dict):
        return None
    if is_remote_function(base):
        return ("Map", base, options) if getattr(base, "_decorator", None) is None else None
    return ("InitActors", base, options) if is_actor_class(base) else None


def parameters(task: Any) -> list[inspect.Parameter] | None:
    """What Ray checks the arguments of a remote function or a new actor against; None where it is unknown."""
    found = declared(task)
    if found is None:
        return None
    kind, base, _ = found
    if kind == "InitActors":
        return (methods(base) or {}).get("__init__")
    if getattr(base, "_is_cross_language", True):
        return None
    if base not in _signatures:
        _signatures[base] = _signature(base)
    return _signatures[base]


def _signature(base: Any) -> list[inspect.Parameter] | None:
    # Ray looks when a remote function is called for the first time.
    found = getattr(base, "_function_signature", None)
    if found is None:
        try:
            found = ray._common.signature.extract_signature(base._function)
        except (AttributeError, TypeError, ValueError):
            return None
    return found if isinstance(found, list) else None


def methods(actor: Any) -> dict[str, list[inspect.Parameter]] | None:
    """What Ray checks the calls of each method of an actor class or handle against; None where it is unknown."""
    if is_actor_class(actor):
        meta = getattr(actor, "__ray_metadata__", None)
        found = getattr(getattr(meta, "method_meta", None), "signatures", None)
        foreign = getattr(meta, "is_cross_language", True)
    else:
        found = getattr(actor, "_ray_method_signatures", None)
        foreign = getattr(actor, "_ray_is_cross_language", True)
    return found if isinstance(found, dict) and not foreign else None


def is_generator(base: Any) -> bool:
    """Whether a remote function yields its results."""
    return is_remote_function(base) and bool(getattr(base, "_is_generator", True))


def is_actor_method(task: Any) -> bool:
    """Whether this is a method of an actor's handle, as `actor.method` gives it."""
    kind = getattr(getattr(ray, "actor", None), "ActorMethod", None)
    return kind is not None and isinstance(task, kind)


def class_method_gives_one(actor_class: Any, name: str) -> bool:
    """Whether every call of this method of an actor class gives one ref; False where that is not known."""
    methods = getattr(getattr(actor_class, "__ray_metadata__", None), "method_meta", None)
    if methods is None:
        return False
    return _gives_one(
        name,
        getattr(methods, "num_returns", {}),
        getattr(methods, "method_is_generator", {}),
        getattr(methods, "decorators", {}),
    )


def handle_method_gives_one(handle: Any, name: str) -> bool:
    """The same of a method of an actor's handle."""
    fields = handle.__dict__
    try:
        num_returns, is_generator = fields["_ray_method_num_returns"], fields["_ray_method_is_generator"]
        return _gives_one(name, num_returns, is_generator, fields["_ray_method_decorators"])
    except KeyError:
        return False


def _gives_one(
    name: str, num_returns: dict[str, Any], is_generator: dict[str, bool], decorators: dict[str, Any]
) -> bool:
    if name not in num_returns or name in decorators:
        return False
    wanted = num_returns[name]
    return (wanted is None or wanted == 1) and is_generator.get(name) is False


def function_of(task: Any) -> types.FunctionType | None:
    """The user's function under a remote function, or None where it cannot be had or is decorated."""
    function = getattr(task, "_function", None)
    if getattr(task, "_decorator", None) is not None or getattr(task, "_is_cross_language", False):
        return None
    return function if isinstance(function, types.FunctionType) else None


def default_options(task: Any) -> dict[str, Any] | None:
    """The options a remote function or actor class was declared with, or None where they cannot be had."""
    options = getattr(task, "_default_options", None)
    return options if isinstance(options, dict) else None


def default_retries() -> int:
    """How often Ray tries a task again that says nothing of it."""
    return int(os.environ.get("RAY_TASK_MAX_RETRIES", ray._private.ray_constants.DEFAULT_TASK_MAX_RETRIES))


def export(task: Any) -> bytes | None:
    """The bytes a remote function runs as: those of its first submission, which this call makes it have.

    Does what `RemoteFunction._remote` does before it submits. None where this Ray does it in another way.
    """
    try:
        if task._last_export_cluster_and_job == session():
            return bytes(task._pickled_function)
        worker = ray._private.worker.global_worker
        if ray._private.client_mode_hook.client_mode_should_convert():
            return None
        from ray._common import signature
        from ray._common.serialization import pickle_dumps
        from ray._raylet import PythonFunctionDescriptor  # type: ignore[attr-defined]

        with task._inject_lock:
            if task._function_signature is None:
                from ray.util.tracing.tracing_helper import _inject_tracing_into_function

                task._function = _inject_tracing_into_function(task._function)
                task._function_signature = signature.extract_signature(task._function)
        descriptor = PythonFunctionDescriptor.from_function(task._function, task._uuid)
        pickled = pickle_dumps(task._function, f"Could not serialize the function {descriptor.repr}")
        task._function_descriptor = descriptor
        task._pickled_function = pickled
        worker.function_actor_manager.export(task)
        task._last_export_cluster_and_job = worker.current_cluster_and_job
    except Exception:
        # A plain submission follows and raises what there is to raise.
        return None
    return bytes(pickled)


@dataclass(frozen=True, slots=True)
class TaskRun:
    """What Ray recorded of one task, or of the driver: times in seconds since the epoch, None where it did not happen.

    `events` are what its worker was seen to do: (name, start, end).
    """

    task: str
    name: str
    kind: str
    node: str | None
    worker: str
    submitted: float | None
    started: float | None
    ended: float | None
    failed: bool
    events: tuple[tuple[str, float, float], ...]


def task_runs() -> dict[str, TaskRun]:
    """What Ray has recorded of the tasks of this job so far, by task id; nothing where this Ray records otherwise."""
    try:
        from ray.core.generated import common_pb2

        job = ray.get_runtime_context().get_job_id()
        events = ray._private.state.state._get_all_task_events()
        runs = [_task_run(event, common_pb2.TaskStatus) for event in events if event.job_id.hex() == job]
    except Exception:
        return {}
    # Of the creation of an actor Ray records no node, but which worker it was on.
    homes = {run.worker: run.node for run in runs if run.node is not None}
    return {run.task: replace(run, node=run.node or homes.get(run.worker)) for run in runs}


def _task_run(event: Any, status: Any) -> TaskRun:
    updates, profile = event.state_updates, event.profile_events
    times = {status.Name(key): ns / 1e9 for key, ns in updates.state_ts_ns.items()}
    return TaskRun(
        event.task_id.hex(),
        event.task_info.name,
        profile.component_type or "worker",
        updates.node_id.hex() or None,
        profile.component_id.hex() or updates.worker_id.hex(),
        times.get("PENDING_ARGS_AVAIL"),
        times.get("RUNNING"),
        times.get("FINISHED", times.get("FAILED")),
        "FAILED" in times,
        tuple((one.event_name, one.start_time / 1e9, one.end_time / 1e9) for one in profile.events),
    )


def task_id(ref: Any) -> str | None:
    """The id of the task behind a ref, or of the creation of the actor behind a handle; None where it is unknown."""
    if isinstance(ref, ray.ObjectRef):
        return str(ref.task_id().hex())
    actor: Any = getattr(ref, "_actor_id", None)
    return f"{'f' * 16}{actor.hex()}" if hasattr(actor, "hex") else None


def before_end(collect: Callable[[], None]) -> None:
    """Have `ray.shutdown()` call `collect()` first."""
    _wrap(ray, "shutdown", collect)
