"""Actors of the inline backend: one instance, one queue; calls run in order, those of async actors side by side."""

from __future__ import annotations

import asyncio
import bdb
import inspect
import threading
import weakref
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ray
from ray.exceptions import ActorDiedError, TaskCancelledError

from rayinfer.runtime.inline_loop import ActorLoop, settle
from rayinfer.runtime.inline_tasks import Call, current_call, running, take_arguments, task_error, when_ready

_named: weakref.WeakValueDictionary[tuple[str, str], Actor] = weakref.WeakValueDictionary()
_detached: dict[tuple[str, str], Actor] = {}
_alive: weakref.WeakSet[Actor] = weakref.WeakSet()


class ActorExit(BaseException):
    """Raised in a method by `ray.actor.exit_actor`: the actor ends with it."""


class Actor:
    """One actor, from its creation to its end; handles hold it alive."""

    def __init__(self, actor_class: Any, options: Mapping[str, Any]) -> None:
        metadata = actor_class.__ray_metadata__
        self.cls = metadata.modified_class
        self.methods = metadata.method_meta
        self.creation_function = metadata.actor_creation_function_descriptor
        self.actor_id = ray.ActorID.from_random()
        self.name = options.get("name")
        self.namespace = options.get("namespace") or ""
        self.task_retries = options.get("max_task_retries") or 0
        self.instance: Any = None
        self.ended: Exception | None = None
        self.created = False
        self.loop = ActorLoop() if _has_async_methods(self.cls) else None
        self.side_by_side = self.loop is not None or (options.get("max_concurrency") or 1) > 1
        self._queue: deque[Call] = deque()
        self._running: dict[int, tuple[Call, asyncio.Task[None] | None]] = {}
        self._draining = False
        self._lock = threading.Lock()
        _alive.add(self)

    def submit(self, call: Call) -> None:
        """Take a call; it runs at once unless the actor or an argument of it is not ready."""
        if self.ended is not None:
            call.fail(self.ended)
            return
        self._queue.append(call)
        when_ready(call, self.drain)
        for box in call.boxes():
            if not box.done:
                box.cancel = lambda: self._cancel(call)
        if self.loop is not None:
            settle(self.loop)

    def drain(self) -> None:
        """Start every queued call that may start: the first ones whose arguments are there, and one at a time."""
        with self._lock:
            if self._draining and not self.side_by_side:
                return
            outer, self._draining = self._draining, True
        try:
            while (call := self._next(outer)) is not None:
                self._start(call)
        except BaseException:
            self._draining = outer
            raise

    def end(self, reason: Exception) -> None:
        """The actor is dead: what it has not finished, and every later call, fails with `reason`."""
        if self.ended is not None:
            return
        self.ended = reason
        if self.name and _named.get((self.namespace, self.name)) is self:
            del _named[self.namespace, self.name]
            _detached.pop((self.namespace, self.name), None)
        waiting = [*self._queue, *(call for call, _ in self._running.values())]
        self._queue.clear()
        self._running.clear()
        for call in waiting:
            call.fail(reason)

    def _next(self, outer: bool) -> Call | None:
        """Take the next call that may start. If there is none the draining ends, with no moment in between."""
        with self._lock:
            for index, call in enumerate(self._queue):
                if all(box.done for box in call.arguments.boxes()) and (self.created or index == 0):
                    del self._queue[index]
                    return call
                if not self.side_by_side or not self.created:
                    break
            self._draining = outer
            return None

    def _start(self, call: Call) -> None:
        if self.loop is None or not self.created:
            self._run(call)
            return
        task = self.loop.create_task(self._run_async(call))
        self._running[id(call)] = call, task

    def _run(self, call: Call) -> None:
        while not self._attempt(call):
            pass

    def _attempt(self, call: Call) -> bool:
        """Run a call in this thread; false when it is to be run again."""
        try:
            args, kwargs = call.arguments.load()
            self._running[id(call)] = call, None
            with running(call):
                value = call.function(*args, **kwargs)
            if self._running.pop(id(call), None) is not None:
                call.deliver(value)
        except (SystemExit, ActorExit):
            self.end(ActorDiedError())
        except bdb.BdbQuit:
            raise
        except Exception as error:
            if call.may_retry(error):
                return False
            self._failed(call, error)
        return True

    async def _run_async(self, call: Call) -> None:
        try:
            args, kwargs = call.arguments.load()
            with running(call):
                value = call.function(*args, **kwargs)
                if inspect.isasyncgen(value):
                    await call.deliver_stream(value)
                    return
                if inspect.isawaitable(value):
                    value = await value
            if self.ended is None:
                call.deliver(value)
        except (SystemExit, ActorExit):
            self.end(ActorDiedError())
        except asyncio.CancelledError:
            self._failed(call, TaskCancelledError())
        except bdb.BdbQuit:
            raise
        except Exception as error:
            self._failed(call, error)
        finally:
            self._running.pop(id(call), None)

    def _failed(self, call: Call, error: Exception) -> None:
        self._running.pop(id(call), None)
        if not self.created:
            self.end(ActorDiedError(task_error(f"{self.cls.__name__}.__init__", error, self)))
        elif self.ended is None:
            call.fail(task_error(call.name, error, self))

    def _cancel(self, call: Call) -> None:
        if call in self._queue:
            self._queue.remove(call)
            call.fail(TaskCancelledError())
            self.drain()
            return
        _, task = self._running.get(id(call), (call, None))
        if task is not None and self.loop is not None:
            task.cancel()
            settle(self.loop)


class ActorHandle(ray.actor.ActorHandle):  # type: ignore[misc]
    """A handle in the class of Ray's own, so that `isinstance`, `==`, `hash` and `repr` are Ray's."""

    _ray_weak_ref = True
    _ray_is_cross_language = False

    def __init__(self, actor: Actor) -> None:
        self._ray_actor = actor
        self._ray_actor_id = actor.actor_id
        self._ray_method_signatures = actor.methods.signatures
        self._ray_method_num_returns = actor.methods.num_returns
        self._ray_method_is_generator = actor.methods.method_is_generator
        self._ray_method_decorators = actor.methods.decorators
        self._ray_actor_creation_function_descriptor = actor.creation_function

    def __getattr__(self, item: str) -> Any:
        actor = self.__dict__.get("_ray_actor")
        if actor is None or item not in actor.methods.signatures:
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{item}'")
        return ActorMethod(self, item)

    def __reduce__(self) -> tuple[Any, ...]:
        return _handle_of, (self._ray_actor_id.binary(),)


class ActorMethod(ray.actor.ActorMethod):  # type: ignore[misc]
    """A method of a handle: `.remote(...)` and `.options(...).remote(...)`."""

    def __init__(self, handle: ActorHandle, name: str, options: Mapping[str, Any] | None = None) -> None:
        self._actor = handle
        self._method_name = name
        self._options = dict(options or {})

    def options(self, **options: Any) -> ActorMethod:
        return ActorMethod(self._actor, self._method_name, {**self._options, **options})

    def remote(self, *args: Any, **kwargs: Any) -> Any:
        return self._remote(args, kwargs, **self._options)

    def _remote(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
        decorator = self._actor._ray_actor.methods.decorators.get(self._method_name)

        def invoke(args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
            return submit_method(self._actor._ray_actor, self._method_name, args, kwargs, options)

        return (decorator(invoke) if decorator else invoke)(args or (), kwargs or {})

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)


for _ours in (ActorHandle, ActorMethod):
    _ours.__qualname__ = _ours.__name__


def create_actor(actor_class: Any, args: Sequence[Any], kwargs: Mapping[str, Any], options: Mapping[str, Any]) -> Any:
    """Create an actor and give its handle. Raises ValueError when its name is taken, TypeError for wrong arguments."""
    name, namespace = options.get("name"), options.get("namespace") or ""
    if name is not None and not isinstance(name, str):
        raise TypeError(f"name must be None or a string, got: '{type(name)}'.")
    if name == "":
        raise ValueError("Actor name cannot be an empty string.")
    if name and (namespace, name) in _named:
        if options.get("get_if_exists"):
            return find_actor(name, namespace)
        raise ray.exceptions.ActorAlreadyExistsError(
            f"The name {name} (namespace={namespace or None}) is already taken. Please use a different name or get "
            f"the existing actor using ray.get_actor('{name}', namespace='{namespace}')"
        )
    actor = Actor(actor_class, options)
    what = f"{actor.cls.__name__}.__init__"
    arguments = take_arguments(actor.methods.signatures["__init__"], args, kwargs, what)
    if name:
        _named[namespace, name] = actor
        if options.get("lifetime") == "detached":
            _detached[namespace, name] = actor

    def construct(*args: Any, **kwargs: Any) -> None:
        instance = actor.cls.__new__(actor.cls)
        actor.instance = instance
        instance.__init__(*args, **kwargs)
        actor.created = True

    actor.submit(Call(what, construct, arguments, num_returns=0, actor=actor))
    return ActorHandle(actor)


def submit_method(
    actor: Actor, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], options: Mapping[str, Any]
) -> Any:
    """Submit a method call. Raises TypeError for wrong arguments."""
    methods = actor.methods
    num_returns = options.get("num_returns")
    if num_returns is None:
        num_returns = methods.num_returns.get(name)
    if num_returns is None:
        num_returns = "streaming" if methods.method_is_generator.get(name) else 1
    retry_on = _first(options.get("retry_exceptions"), methods.retry_exceptions.get(name), False)
    retries = _first(options.get("max_task_retries"), methods.max_task_retries.get(name), actor.task_retries)
    call = Call(
        name=f"{actor.cls.__name__}.{name}",
        function=_method(actor, name),
        arguments=take_arguments(methods.signatures[name], args, kwargs, f"{actor.cls.__name__}.{name}"),
        num_returns=num_returns,
        retries=retries,
        retry_on=tuple(retry_on) if isinstance(retry_on, (list, tuple)) else retry_on,
        actor=actor,
    )
    actor.submit(call)
    return call.result()


def _method(actor: Actor, name: str) -> Callable[..., Any]:
    # Looked up when it runs: the instance is not there before.
    return lambda *args, **kwargs: getattr(actor.instance, name)(*args, **kwargs)


def _first(*choices: Any) -> Any:
    return next(choice for choice in choices if choice is not None)


def find_actor(name: str, namespace: str | None = None) -> ActorHandle:
    """A handle to a living named actor. Raises ValueError when there is none."""
    if not name:
        raise ValueError("Please supply a non-empty value to get_actor")
    actor = _named.get((namespace or "", name))
    if actor is None:
        raise ValueError(
            f"Failed to look up actor with name '{name}'. This could because 1. You are trying to look up a named "
            "actor you didn't create. 2. The named actor died. 3. You did not use a namespace matching the namespace "
            "of the actor."
        )
    return ActorHandle(actor)


def exit_actor() -> None:
    """End the actor whose method is running. Raises TypeError outside of one."""
    call = current_call.get()
    if call is None or call.actor is None:
        raise TypeError("exit_actor API is called on a non-actor worker. Call this API inside an actor method.")
    raise ActorExit


def end_all_actors() -> None:
    """End every actor, as the end of a Ray session does."""
    for actor in list(_alive):
        actor.end(ActorDiedError())
    _detached.clear()


def _handle_of(actor_id: bytes) -> ActorHandle:
    for actor in list(_alive):
        if actor.actor_id.binary() == actor_id:
            return ActorHandle(actor)
    raise ValueError("the actor of this handle is gone")


def _has_async_methods(cls: type) -> bool:
    return any(
        inspect.iscoroutinefunction(inspect.unwrap(method)) or inspect.isasyncgenfunction(inspect.unwrap(method))
        for _, method in inspect.getmembers(cls, inspect.isfunction)
    )
