"""What runs on workers: bundles of user functions. Shipped by value, so it imports nothing of the project."""

from __future__ import annotations

import pickle
import time
from typing import Any

from ray import cloudpickle

VALUE, ARG, STEP = 0, 1, 2
_MAX_CACHED = 256
_plans: dict[bytes, Any] = {}
_functions: dict[bytes, Any] = {}
_IMMUTABLE = frozenset({type(None), bool, int, float, complex, str, bytes})


def run_bundle(plan: Any, packed: bytes, *args: Any) -> Any:
    """Run the steps of `plan` one after the other; the last one's result.

    `plan` is pickled steps (function bytes, argument sources, keyword names), or a one-element list of a ref to them.
    An argument source is the kind (a value of `packed`, one of `args`, the result of an earlier step) and an index.
    """
    steps = _load_plan(plan)
    values = pickle.loads(packed)
    results: list[Any] = []
    taken: list[Any] = list(args)
    last = len(steps) - 1
    for number, (function, sources, names) in enumerate(steps):
        given = []
        for kind, index in sources:
            if kind == VALUE:
                given.append(values[index])
            elif kind == ARG:
                # Each argument is used once: let go of it with the step that takes it.
                given.append(taken[index])
                taken[index] = None
            else:
                given.append(results[index]())
        if names:
            split = len(given) - len(names)
            result = function(*given[:split], **dict(zip(names, given[split:], strict=True)))
        else:
            result = function(*given)
        if number == last:
            return result
        results.append(passed(result))
        del given, result
    return None


def run_timed(plan: Any, packed: bytes, *args: Any) -> tuple[Any, float]:
    """Run one bundle; its result, and how many seconds it took."""
    start = time.perf_counter()
    result = run_bundle(plan, packed, *args)
    return result, time.perf_counter() - start


def passed(value: Any) -> Any:
    """A function that gives `value` as a task's argument would be: a copy, with its arrays read-only and shared."""
    if type(value) in _IMMUTABLE:
        return lambda: value
    buffers: list[pickle.PickleBuffer] = []
    data = cloudpickle.dumps(value, protocol=5, buffer_callback=buffers.append)
    views = [buffer.raw().toreadonly() for buffer in buffers]
    return lambda: pickle.loads(data, buffers=views)


def _load_plan(plan: Any) -> Any:
    key = plan if isinstance(plan, bytes) else plan[0]
    steps = _plans.get(key)
    if steps is None:
        if isinstance(plan, bytes):
            data = plan
        else:
            import ray

            data = ray.get(plan[1])
        steps = []
        for pickled, sources, names in pickle.loads(data):
            function = _functions.get(pickled)
            if function is None:
                _shrink(_functions)
                function = _functions[pickled] = cloudpickle.loads(pickled)
            steps.append((function, sources, names))
        _shrink(_plans)
        _plans[key] = steps
    return steps


def _shrink(cache: dict[bytes, Any]) -> None:
    if len(cache) >= _MAX_CACHED:
        del cache[next(iter(cache))]


class Executor:
    """A long-lived actor that runs the bundles of a steady loop."""

    def ready(self) -> bool:
        """Answer once the actor is up."""
        return True

    def run(self, plan: Any, packed: bytes, *args: Any) -> Any:
        """Run one bundle."""
        return run_bundle(plan, packed, *args)
