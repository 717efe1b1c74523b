"""Calls of the inline backend: arguments copied, refs resolved, results and errors stored, as Ray does it."""

from __future__ import annotations

import bdb
import inspect
import os
import traceback
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import ray
from ray._common.signature import extract_signature, validate_args
from ray.exceptions import RayTaskError, WorkerCrashedError

from rayinfer.runtime.frames import hide_our_frames
from rayinfer.runtime.inline_loop import finish
from rayinfer.runtime.inline_store import Box, ObjectRef, Stored, new_refs, new_task_id, put, store
from rayinfer.runtime.worker import only_value

DEFAULT_RETRIES = 3


class _NoWorker:
    """Stands for Ray's worker in objects of Ray's classes: it is not connected."""


class Stream(ray.ObjectRefGenerator):  # type: ignore[misc]
    """The refs of a generator task, in order; the error that ended it, if any, is the last of them."""

    worker = _NoWorker()

    def __init__(self, task_id: bytes) -> None:
        self._task_id = task_id
        self._items: list[ObjectRef] = []
        self._taken = 0
        (self._generator_ref,) = new_refs(task_id, 1, 1)

    def add(self, value: Any) -> None:
        """One more yielded value."""
        (ref,) = new_refs(self._task_id, len(self._items) + 2, 1)
        self._items.append(ref)
        ref.box.set(store(value, "the yielded value"))

    def end(self, error: Exception | None) -> None:
        """The generator has ended, well or with `error`."""
        if error is not None:
            self._items.append(self._generator_ref)
            self._generator_ref.box.fail(error)
        else:
            self._generator_ref.box.set(store(None, "nothing"))

    def has_next(self) -> bool:
        """Whether `next` would answer at once, be it that the stream has ended."""
        return self._taken < len(self._items) or self._generator_ref.box.done

    def next_ready(self) -> bool:
        return self._taken < len(self._items)

    def is_finished(self) -> bool:
        return self._taken == len(self._items) and self._generator_ref.box.done

    def _next_sync(self, timeout_s: float | None = None) -> Any:
        if not finish(self.has_next, None if timeout_s == -1 else timeout_s):
            return ray.ObjectRef.nil()
        if self.is_finished():
            raise StopIteration
        self._taken += 1
        return self._items[self._taken - 1]

    async def _next_async(self, timeout_s: float | None = None) -> Any:
        try:
            return self._next_sync(timeout_s)
        except StopIteration:
            raise StopAsyncIteration from None


Stream.__name__ = Stream.__qualname__ = "ObjectRefGenerator"


@dataclass(frozen=True)
class Arguments:
    """The arguments of one call as they were when it was submitted: refs on the top level, copies of all else."""

    args: tuple[ObjectRef | Stored, ...]
    kwargs: Mapping[str, ObjectRef | Stored]

    def boxes(self) -> list[Box]:
        """What the call waits for."""
        return [one.box for one in (*self.args, *self.kwargs.values()) if isinstance(one, ObjectRef)]

    def load(self) -> tuple[list[Any], dict[str, Any]]:
        """The values to call with. Raises the error of a ref that has failed."""
        return [_load(one) for one in self.args], {name: _load(one) for name, one in self.kwargs.items()}


def _load(argument: ObjectRef | Stored) -> Any:
    return argument.box.value(given=True) if isinstance(argument, ObjectRef) else argument.load(given=True)


def take_arguments(signature: Any, args: Sequence[Any], kwargs: Mapping[str, Any], name: str) -> Arguments:
    """Check arguments against a signature and copy them. Raises TypeError when they do not fit or cannot be copied."""
    validate_args(signature, tuple(args), dict(kwargs))
    what = f"an argument of {name}:"

    def taken(value: Any) -> ObjectRef | Stored:
        return value if isinstance(value, ObjectRef) else store(value, what)

    return Arguments(tuple(taken(one) for one in args), {key: taken(one) for key, one in kwargs.items()})


@dataclass
class Call:
    """One submitted call: of a task, of an actor's constructor (`num_returns` 0) or of an actor's method."""

    name: str
    function: Callable[..., Any]
    arguments: Arguments
    num_returns: int | str = 1
    retries: int = 0
    retry_on: bool | tuple[type[BaseException], ...] = False
    actor: Any = None
    task_id: bytes = field(default_factory=new_task_id)

    def __post_init__(self) -> None:
        self.stream = Stream(self.task_id) if self.num_returns == "streaming" else None
        count = self.num_returns if isinstance(self.num_returns, int) else 1
        self.refs = [] if self.stream else new_refs(self.task_id, 1, count)

    def result(self) -> Any:
        """What `.remote()` gives: a ref, a list of refs, a generator of refs, or None."""
        if self.stream is not None:
            return self.stream
        return (self.refs[0] if len(self.refs) == 1 else list(self.refs)) if self.refs else None

    def boxes(self) -> list[Box]:
        """What the call brings."""
        return [self.stream._generator_ref.box] if self.stream else [ref.box for ref in self.refs]

    def fail(self, error: Exception) -> None:
        """Every result of the call is `error`."""
        if self.stream is not None:
            self.stream.end(error)
        for ref in self.refs:
            ref.box.fail(error)

    def deliver(self, value: Any) -> None:
        """Store what the function returned. Raises ValueError or TypeError when that does not fit `num_returns`."""
        if self.stream is not None:
            for item in _items(value):
                self.stream.add(item)
            self.stream.end(None)
        elif self.num_returns == "dynamic":
            refs = [put(item, "the yielded value") for item in _items(value)]
            self.refs[0].box.set(store(ray.DynamicObjectRefGenerator(refs), "the generator"))
        elif len(self.refs) == 1:
            self.refs[0].box.set(store(only_value(value), "the return value"))
        elif self.refs:
            values = list(value) if inspect.isgenerator(value) else value
            if len(values) != len(self.refs):
                raise ValueError(f"Task returned {len(values)} objects, but num_returns={len(self.refs)}.")
            copies = [store(one, "the return value") for one in values]
            for ref, copy in zip(self.refs, copies, strict=True):
                ref.box.set(copy)

    async def deliver_stream(self, values: AsyncIterator[Any]) -> None:
        """Store what an asynchronous generator yields."""
        assert self.stream is not None
        async for item in values:
            self.stream.add(item)
        self.stream.end(None)

    def may_retry(self, error: Exception) -> bool:
        """Whether Ray would run the call again after `error`, counting one attempt."""
        cause = error.cause if isinstance(error, RayTaskError) else error
        wanted = self.retry_on if isinstance(self.retry_on, bool) else isinstance(cause, self.retry_on)
        if not wanted or self.retries == 0:
            return False
        self.retries -= 1
        return True


def _items(value: Any) -> Iterable[Any]:
    if not inspect.isgenerator(value):
        # Ray drives a generator task by `send`, which other iterators do not have; its error says so.
        raise AttributeError(f"'{type(value).__name__}' object has no attribute 'send'")
    return value


current_call: ContextVar[Call | None] = ContextVar("current_call", default=None)


@contextmanager
def running(call: Call) -> Any:
    """Inside, `call` is what the runtime context tells about."""
    token = current_call.set(call)
    try:
        yield
    finally:
        current_call.reset(token)


def run_task(call: Call) -> None:
    """Run a task in this thread; what goes wrong in it is stored, as on a worker."""
    while True:
        try:
            args, kwargs = call.arguments.load()
        except Exception as error:
            call.fail(task_error(call.name, error))
            return
        try:
            with running(call):
                call.deliver(call.function(*args, **kwargs))
            return
        except SystemExit:
            call.fail(WorkerCrashedError())
            return
        except bdb.BdbQuit:
            raise
        except Exception as error:
            if not call.may_retry(error):
                call.fail(task_error(call.name, error))
                return


def task_error(name: str, error: BaseException, actor: Any = None) -> RayTaskError:
    """The error that Ray stores for a call that failed with `error`."""
    hide_our_frames(error)
    text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    cause = error.cause if isinstance(error, RayTaskError) else error
    about = {} if actor is None else {"actor_repr": repr(actor.instance), "actor_id": actor.actor_id.hex()}
    return RayTaskError(name, text, cause, proctitle=f"ray::{name}", pid=os.getpid(), ip="127.0.0.1", **about)


def when_ready(call: Call, start: Callable[[], None]) -> None:
    """Run `start` once everything the call takes is there: now, when it is."""
    waiting = {id(box): box for box in call.arguments.boxes() if not box.done}
    if not waiting:
        start()
        return
    cancelled = [False]

    def one_less(box: Box) -> None:
        del waiting[id(box)]
        if not waiting and not cancelled[0]:
            start()

    def cancel() -> None:
        cancelled[0] = True
        call.fail(ray.exceptions.TaskCancelledError())

    for box in call.boxes():
        box.cancel = cancel
    for box in list(waiting.values()):
        box.when_done(lambda box=box: one_less(box))  # type: ignore[misc]


def submit_task(
    function: Any, args: Sequence[Any], kwargs: Mapping[str, Any], options: Mapping[str, Any], is_generator: bool
) -> Any:
    """Submit a task; it runs at once unless it takes a ref that is not ready. Raises TypeError as `.remote()` does."""
    name = options.get("name") or function.__name__
    num_returns = options.get("num_returns")
    if num_returns is None:
        num_returns = "streaming" if is_generator else 1
    retry_on = options.get("retry_exceptions") or False
    retries = options.get("max_retries")
    call = Call(
        name=name,
        function=function,
        arguments=take_arguments(extract_signature(function), args, kwargs, name),
        num_returns=num_returns,
        retries=DEFAULT_RETRIES if retries is None else retries,
        retry_on=tuple(retry_on) if isinstance(retry_on, (list, tuple)) else retry_on,
    )
    when_ready(call, lambda: run_task(call))
    return call.result()
