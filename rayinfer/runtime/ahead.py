"""Calls that are submitted ahead of their turn, where a program gets each result before it makes the next call."""

from __future__ import annotations

import sys
import types
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import ray

from rayinfer.passes.hazards import captured, codes
from rayinfer.runtime import cluster, config, rayprivate, regions, values
from rayinfer.runtime.callees import name_of
from rayinfer.runtime.calls import Call, operands
from rayinfer.runtime.laziness import may_run_code
from rayinfer.runtime.tasks import info

# How many calls per CPU may be submitted and not yet taken: one runs, the next one waits for it to end.
_PER_CPU = 2


def ahead(task: Any, items: Iterable[Any], call_of: Callable[..., Any]) -> Iterator[tuple[Any, Any]]:
    """Each item, with the ref of the call that `call_of(item)` describes, or None where the program must make it.

    For a tuple of tasks, `call_of` gives as many calls, and each item comes with a tuple of as many refs, or None. The
    calls of some items that follow are submitted already, as many as keep the cluster's CPUs busy. Nothing is submitted
    ahead where that could be seen: for what is no plain task, for arguments that are no plain data, for items that do
    not come out of a plain container, and outside of the group backend. `call_of` takes the parts of an item when it
    has several parameters. What was submitted and is not taken, since the program left its loop, runs to its
    end for nobody: where a task is cancelled as it goes to its worker, Ray 2.60 may end the driver ("Tried to complete
    task that was not pending").
    """
    tasks = task if type(task) is tuple else (task,)
    windows = [_window(one) for one in tasks]
    nothing = (None,) * len(tasks) if type(task) is tuple else None
    iterator = iter(items)
    if not any(windows) or not _is_settled(items, iterator):
        for item in iterator:
            yield item, nothing
        return
    rounds = max(1, int(1 / sum(1 / window for window in windows if window)))
    early = [one if window else None for one, window in zip(tasks, windows, strict=True)]
    waiting: deque[tuple[Any, Any]] = deque()
    for item in iterator:
        calls, frame = _calls(call_of, item), sys._getframe(1)
        refs: Any = nothing
        if calls is not None and type(task) is tuple:
            refs = tuple(_submitted(one, call, frame) for one, call in zip(early, calls, strict=True))
        elif calls is not None:
            refs = _submitted(task, calls, frame)
        waiting.append((item, refs))
        if len(waiting) > rounds:
            yield waiting.popleft()
    while waiting:
        yield waiting.popleft()


def _calls(call_of: Callable[..., Any], item: Any) -> Any:
    """What `call_of` gives for an item; None when it raises, which the program will then do in its turn."""
    try:
        return call_of(*item) if call_of.__code__.co_argcount > 1 else call_of(item)
    except Exception:
        return None


def _submitted(task: Any, call: Call, frame: types.FrameType) -> Any:
    """The ref of a call; None where it may not be made now, or raises, which it will then do in its turn."""
    if task is None:
        return None
    try:
        if not all(_is_plain(arg) for arg in operands(call)):
            return None
        ref = task.remote(*call.args, **call.kwargs)
    except Exception:
        return None
    if regions.recorder is not None:
        regions.recorder.ahead(task, call, frame)
    if regions.observer is not None:
        regions.observer.early(name_of(task), ref)
    return ref


def _window(task: Any) -> int:
    """How many calls of a task may be ahead; none where its options or its code are not plain."""
    if config.backend() != "group" or not rayprivate.is_remote_function(task):
        return 0
    known = info(task)
    function = rayprivate.function_of(task)
    if known.fusible is None or function is None or not reads_constants(function):
        return 0
    return int(_PER_CPU * sum(node.cpus for node in cluster.view().nodes) / known.cpus)


def reads_constants(function: types.FunctionType) -> bool:
    """Whether what a function reads of its module and of enclosing functions are constants, functions and modules."""
    seen: set[int] = set()
    work = [function]
    while work:
        current = work.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        names = {name for code in codes(current.__code__) for name in code.co_names}
        for value in captured(current, names):
            if isinstance(value, types.FunctionType):
                # Of another module than the program's, the compiler knows what it does.
                work += [value] if value.__globals__ is function.__globals__ else []
            elif not _is_constant(value):
                return False
    return True


def _is_constant(value: Any) -> bool:
    if isinstance(value, types.ModuleType | types.BuiltinFunctionType | type) or type(value).__name__ == "ufunc":
        return True
    return values.is_immutable(value)


def _is_settled(items: Any, iterator: Any) -> bool:
    """Whether going through items runs nothing of the program, so that nobody sees when it is done.

    An iterator is not: the program may hold it, and go on with it. `enumerate` and `zip` are made for the loop.
    """
    return (iterator is not items or type(items) in (enumerate, zip)) and not may_run_code(iterator)


def _is_plain(value: Any, depth: int = 0) -> bool:
    """Whether a value is data that holds no handle, reference or object of the program's own classes."""
    if values.is_immutable(value) or values.is_array(value):
        return True
    if type(value) is ray.ObjectRef:
        return not depth
    if depth > 4:
        return False
    if type(value) is dict:
        return all(_is_plain(key, depth + 1) and _is_plain(held, depth + 1) for key, held in value.items())
    return type(value) in (list, tuple, set) and all(_is_plain(held, depth + 1) for held in value)
