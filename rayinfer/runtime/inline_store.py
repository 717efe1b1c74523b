"""Refs and values of the inline backend: a value is copied in and out as Ray would copy it between processes."""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
import io
import itertools
import pickle
import traceback
import weakref
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

import ray
from ray._private.serialization import MessagePackSerializer
from ray.cloudpickle import CloudPickler, cloudpickle
from ray.exceptions import RayTaskError, UnserializableException

from rayinfer.runtime.inline_loop import ActorLoop, call_all, finish

_task_numbers = itertools.count(1)
_boxes: weakref.WeakValueDictionary[bytes, Box] = weakref.WeakValueDictionary()


@dataclass(frozen=True)
class Stored:
    """A serialised value, as Ray does it: its plain containers in msgpack, all else pickled.

    The buffers are immutable, so that arrays come out read-only, without a copy.
    """

    packed: bytes
    pickled: bytes | None
    buffers: tuple[bytes, ...]
    held: tuple[Any, ...]

    def load(self, given: bool = False) -> Any:
        """A fresh copy of the value; refs and actor handles inside it are the same ones.

        With `given` it goes to a task or an actor, which Ray would load it for in another process.
        """
        objects: list[Any] = []
        if self.pickled is not None:
            kind = _GivenUnpickler if given else _Unpickler
            unpickler = kind(io.BytesIO(self.pickled), buffers=self.buffers)
            unpickler.held = self.held
            objects = unpickler.load()
        return MessagePackSerializer.loads(self.packed, objects.__getitem__)


class _Pickler(CloudPickler):  # type: ignore[misc]
    def __init__(self, file: io.BytesIO, buffers: list[bytes], held: list[Any]) -> None:
        super().__init__(file, protocol=5, buffer_callback=lambda buffer: buffers.append(bytes(buffer.raw())))
        self.held = held

    def persistent_id(self, value: Any) -> int | None:
        if not isinstance(value, (ray.ObjectRef, ray.actor.ActorHandle)):
            return None
        self.held.append(value)
        return len(self.held) - 1


class _Unpickler(pickle.Unpickler):
    held: tuple[Any, ...] = ()

    def persistent_load(self, index: Any) -> Any:
        return self.held[index]


class _GivenUnpickler(_Unpickler):
    """Leaves the program's classes as they are.

    A class of a script is pickled as a whole. Where it is known already, loading it sets all of its attributes anew:
    its methods would be others from then on, with globals of their own.
    """

    def __init__(self, file: io.BytesIO, buffers: Sequence[bytes]) -> None:
        super().__init__(file, buffers=buffers)
        self._known: set[type] = set()

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name)
        if found in (cloudpickle._make_skeleton_class, cloudpickle._make_skeleton_enum):
            return functools.partial(self._made, found)
        return self._filled if found is cloudpickle._class_setstate else found

    def _made(self, make: Callable[..., type], *about: Any) -> type:
        # The class's number in this process stands before what is kept for later versions of cloudpickle.
        known: type | None = cloudpickle._DYNAMIC_CLASS_TRACKER_BY_ID.get(about[-2])
        if known is None:
            return make(*about)
        self._known.add(known)
        return known

    def _filled(self, kind: type, state: Any) -> type:
        return kind if kind in self._known else cloudpickle._class_setstate(kind, state)


def store(value: Any, what: str) -> Stored:
    """Serialise `value`. Raises TypeError that names `what` when it cannot be."""
    objects, buffers, held = list[Any](), list[bytes](), list[Any]()

    def set_aside(part: Any) -> int:
        objects.append(part)
        return len(objects) - 1

    packed = MessagePackSerializer.dumps(value, set_aside)
    if not objects:
        return Stored(packed, None, (), ())
    file = io.BytesIO()
    try:
        _Pickler(file, buffers, held).dump(objects)
    except (TypeError, pickle.PicklingError) as error:
        raise TypeError(f"Could not serialize {what} {value!r}: {error}") from error
    return Stored(packed, file.getvalue(), tuple(buffers), tuple(held))


class Box:
    """The place of one object: pending, then a value or an error."""

    def __init__(self, key: bytes) -> None:
        self.key = key
        self.stored: Stored | None = None
        self.error: Exception | None = None
        self.done = False
        self.cancel: Callable[[], None] | None = None
        self._waiting: list[Callable[[], None]] = []

    def set(self, stored: Stored) -> None:
        """The object is there."""
        self.stored = stored
        self._finish()

    def fail(self, error: Exception) -> None:
        """The object will never be there."""
        self.error = error
        self._finish()

    def when_done(self, call: Callable[[], None]) -> None:
        """Run `call` as soon as the box is done, which may be at once."""
        if self.done:
            call()
        else:
            self._waiting.append(call)

    def value(self, given: bool = False) -> Any:
        """A copy of the object, for the driver or `given` to a task. Raises its error, each time a new exception."""
        if self.error is not None:
            raise _fresh(self.error, given)
        assert self.stored is not None
        return self.stored.load(given)

    def _finish(self) -> None:
        self.done, self.cancel = True, None
        waiting, self._waiting = self._waiting, []
        call_all(waiting)


def _fresh(error: Exception, given: bool) -> Exception:
    copy: Any = error
    try:
        stored = store(error, "the exception")
    except Exception:
        stored = None
    if stored is not None:
        try:
            copy = stored.load(given)
        except Exception:
            # One whose constructor takes something else than its `args`: Ray's driver cannot make it anew either.
            copy = UnserializableException("\n".join(traceback.format_exception(error)))
    raised: Exception = copy.as_instanceof_cause() if isinstance(copy, RayTaskError) else copy
    return raised


class ObjectRef(ray.ObjectRef):  # type: ignore[misc]
    """A ref that is its own store: the object lives as long as a ref to it does."""

    def __init__(self, box: Box) -> None:
        super().__init__(box.key, skip_adding_local_ref=True)
        self.box = box

    def __new__(cls, box: Box) -> ObjectRef:
        made: ObjectRef = super().__new__(cls, box.key, skip_adding_local_ref=True)
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return _ref_of, (self.box.key,)

    def __await__(self) -> Generator[Any, None, Any]:
        return self._value().__await__()

    async def _value(self) -> Any:
        loop = asyncio.get_running_loop()
        if not self.box.done and isinstance(loop, ActorLoop):
            ready = loop.create_future()
            self.box.when_done(lambda: _wake_soon(loop, ready))
            await ready
        while not self.box.done:
            # The loop is the program's own: it turns the loops of the actors along.
            finish(lambda: self.box.done, timeout=0)
            await asyncio.sleep(0 if self.box.done else 0.001)
        return self.box.value(given=isinstance(loop, ActorLoop))

    def future(self) -> concurrent.futures.Future[Any]:
        """The object as a concurrent future, as Ray's own refs give it."""
        future = _Future()
        self.box.when_done(lambda: _settle(future, self.box))
        return future

    def as_future(self, _internal: bool = False) -> asyncio.Future[Any]:
        """The object as a future of the running loop."""
        return asyncio.ensure_future(self._value())


class _Future(concurrent.futures.Future[Any]):
    """A future whose waiter does the work that it waits for."""

    def result(self, timeout: float | None = None) -> Any:
        finish(self.done, timeout)
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        finish(self.done, timeout)
        return super().exception(timeout)


ObjectRef.__qualname__ = ObjectRef.__name__


def _wake_soon(loop: ActorLoop, ready: asyncio.Future[None]) -> None:
    loop.call_soon_threadsafe(_wake, ready)


def _wake(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)


def _settle(future: concurrent.futures.Future[Any], box: Box) -> None:
    try:
        future.set_result(box.value())
    except Exception as error:
        future.set_exception(error)


def _ref_of(key: bytes) -> ObjectRef:
    box = _boxes.get(key)
    if box is None:
        raise ValueError(f"the object of ref {key.hex()} is gone: no ref to it was kept")
    return ObjectRef(box)


def new_task_id() -> bytes:
    """24 bytes that no other task of this process has."""
    return next(_task_numbers).to_bytes(24, "big")


def new_refs(task_id: bytes, first: int, count: int) -> list[ObjectRef]:
    """Refs to `count` pending objects of one task, numbered from `first`."""
    boxes = [Box(task_id + index.to_bytes(4, "little")) for index in range(first, first + count)]
    _boxes.update((box.key, box) for box in boxes)
    return [ObjectRef(box) for box in boxes]


def put(value: Any, what: str = "the put value") -> ObjectRef:
    """A ref to a copy of `value`. Raises TypeError when it cannot be serialised."""
    stored = store(value, what)
    (ref,) = new_refs(new_task_id(), 1, 1)
    ref.box.set(stored)
    return ref
