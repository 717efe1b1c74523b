"""What is known of a task or actor class: its CPUs, whether it may be placed or fused, and its wrappers per node."""

from __future__ import annotations

import contextlib
import inspect
import weakref
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from rayinfer.passes.computing import only_computes
from rayinfer.passes.hazards import hazard
from rayinfer.runtime import rayprivate

_PLACED_BY_USER = (
    "scheduling_strategy", "resources", "num_gpus", "accelerator_type", "label_selector", "fallback_strategy",
    "placement_group", "concurrency_groups", "memory", "object_store_memory", "runtime_env",
)  # fmt: skip
_PLAIN_FOR_FUSION = frozenset({"num_cpus", "num_returns", "max_retries", "name"})


@dataclass(slots=True, eq=False)
class TaskInfo:
    """What the backend may do with one task or actor class.

    `shares` is the class of options under which its tasks may share a process, or None; `returns` how many results each
    of them gives. `computes` is what `computes()` found, if it looked, and `waits` what `_may_wait()` did. What
    `.options(...)` made consists of `base` and what it was `given`.
    """

    cpus: float = 1.0
    placeable: bool = False
    shares: Hashable = None
    returns: int = 1
    computes: bool | None = None
    waits: bool | None = None
    wrappers: dict[str, Any] = field(default_factory=dict)
    shapes: dict[Hashable, bool] = field(default_factory=dict)
    signature: inspect.Signature | None = None
    base: Any = None
    given: dict[str, Any] = field(default_factory=dict)

    @property
    def fusible(self) -> Hashable:
        """The same as `shares` of a task with one result, and None for one with several."""
        return self.shares if self.returns == 1 else None

    def on(self, task: Any, node: str | None) -> Any:
        """`task` as it is submitted to `node`; `task` itself where Ray is to choose."""
        if node is None:
            return task
        wrapper = self.wrappers.get(node)
        if wrapper is None:
            strategy = NodeAffinitySchedulingStrategy(node, soft=True)
            wrapper = self.wrappers[node] = (self.base or task).options(**self.given, scheduling_strategy=strategy)
        return wrapper

    def accepts(self, count: int, names: tuple[str, ...]) -> bool:
        """Whether the function can be called with `count` positional arguments and these keywords."""
        shape = (count, names)
        known = self.shapes.get(shape)
        if known is None and self.signature is not None:
            try:
                self.signature.bind(*[None] * count, **dict.fromkeys(names))
                known = True
            except TypeError:
                known = False
            self.shapes[shape] = known
        return bool(known)


_known: weakref.WeakKeyDictionary[Any, TaskInfo] = weakref.WeakKeyDictionary()
_OPAQUE = TaskInfo()


def info(task: Any) -> TaskInfo:
    """What is known of `task`; of wrappers made by `.options(...)`, only where they may go."""
    try:
        found = _known.get(task)
    except TypeError:
        return _OPAQUE
    if found is None:
        found = _read(task)
        with contextlib.suppress(TypeError):
            _known[task] = found
    return found


def computes(task: Any) -> bool:
    """Whether `task` does nothing but compute, so that it waits for no other."""
    known = info(task)
    if known.base is not None:
        return computes(known.base)
    if known.computes is None:
        known.computes = only_computes(rayprivate.function_of(task))
    return known.computes


def _may_wait(known: TaskInfo, function: Any) -> bool:
    """Whether the task of which this is known, and which runs `function`, may wait for others."""
    if known.waits is None:
        known.waits = hazard(function) is not None
    return known.waits


def _read(task: Any) -> TaskInfo:
    is_function = rayprivate.is_remote_function(task)
    if not is_function and not rayprivate.is_actor_class(task):
        return _with_options(task)
    options = rayprivate.default_options(task)
    if options is None:
        return TaskInfo()
    given = options.get("num_cpus")
    # An actor that asks for nothing holds no CPU while it lives.
    cpus = float(given) if given is not None else (1.0 if is_function else 0.0)
    placeable = not any(options.get(key) for key in _PLACED_BY_USER)
    found = TaskInfo(cpus=cpus, placeable=placeable)
    if not is_function or not placeable:
        return found
    if _PLAIN_FOR_FUSION.issuperset(key for key, value in options.items() if value is not None):
        _share(found, found, task, options)
    return found


def _share(found: TaskInfo, known: TaskInfo, base: Any, options: dict[str, Any]) -> None:
    """Note what tasks of `base`, of which this is `known`, may share a process with under these options."""
    function, count = rayprivate.function_of(base), options.get("num_returns")
    returns = 1 if count is None else count
    if function is None or found.cpus <= 0 or type(returns) is not int or returns < 1 or _may_wait(known, function):
        return
    found.returns = returns
    found.shares = (found.cpus, options.get("max_retries"))
    found.signature = inspect.signature(function)


def _with_options(task: Any) -> TaskInfo:
    """What is known of a task with `.options(num_returns=...)` of several; other wrappers are handed through."""
    kind, base, options = rayprivate.declared(task) or ("", None, {})
    given = {key: value for key, value in options.items() if value is not None}
    several = given.get("num_returns") not in (None, 1)
    if kind != "Map" or not several or not _PLAIN_FOR_FUSION.issuperset(given) or not given.get("num_cpus", 1):
        return _OPAQUE
    found = TaskInfo(cpus=float(given.get("num_cpus", 1)), placeable=True, base=base, given=given)
    _share(found, info(base), base, given)
    return found
