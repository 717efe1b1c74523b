"""What runs on workers: bundles of user functions. Shipped by value, so it imports nothing of the project."""

from __future__ import annotations

import contextlib
import os
import pickle
import threading
import time
import traceback
import types
from collections.abc import Iterator
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
        results.append(passed(only_value(result)))
        del given, result
    return None


def run_timed(returns: int, plan: Any, packed: bytes, *args: Any) -> Any:
    """Run one bundle; its result, or its `returns` results, and the seconds it took, as `since` gives them."""
    start = clocks()
    result = run_bundle(plan, packed, *args)
    if returns > 1:
        # As they are asked for: what fails after some of them fails only the others, and the seconds.
        return timed_values(result, returns, start)
    result = only_value(result)
    return result, since(start)


def fetched(_value: Any) -> None:
    """Nothing: Ray has brought the argument to this node."""


def clocks() -> tuple[float, float]:
    """The seconds that a clock shows now, and those that this thread has computed."""
    return time.perf_counter(), time.thread_time()


def since(start: tuple[float, float]) -> tuple[float, float]:
    """The seconds that went by since `start`, and those of them that this thread has computed."""
    wall, computed = clocks()
    return wall - start[0], computed - start[1]


def timed_values(values: Any, count: int, start: tuple[float, float]) -> Iterator[Any]:
    """The `count` results that a task gave, then the seconds since `start`; raises what Ray raises of a mistake."""
    if not isinstance(values, types.GeneratorType) and len(values) != count:
        raise _miscounted(len(values), count)
    found = 0
    for value in values:
        if found == count:
            raise ValueError(f"Task returned more than num_returns={count} objects.")
        found += 1
        yield value
    if found < count:
        raise _miscounted(found, count)
    yield since(start)


def _miscounted(found: int, count: int) -> ValueError:
    return ValueError(f"Task returned {found} objects, but num_returns={count}.")


def only_value(value: Any) -> Any:
    """What Ray stores of what a task with one result gave: of a generator its first item.

    Raises ValueError as Ray does when there is none.
    """
    if not isinstance(value, types.GeneratorType):
        return value
    for item in value:
        # Ray asks for one more, and only logs that there is one.
        with contextlib.suppress(Exception):
            next(value, None)
        return item
    raise ValueError("Task returned 0 objects, but num_returns=1.")


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
            steps.append((function_of(pickled), sources, names))
        _shrink(_plans)
        _plans[key] = steps
    return steps


def function_of(pickled: bytes) -> Any:
    """The function that these bytes are, loaded once."""
    function = _functions.get(pickled)
    if function is None:
        _shrink(_functions)
        function = _functions[pickled] = cloudpickle.loads(pickled)
    return function


def _shrink(cache: dict[Any, Any]) -> None:
    if len(cache) >= _MAX_CACHED:
        del cache[next(iter(cache))]


# A slice gives back what it has not begun after this many seconds: by then it is better known how long members take.
BUDGET = 0.05
# A member that computes longer than this many seconds is not waited for by those behind it: others may have CPUs free.
STALL = 0.05
# Nor is one that waits for something longer than this: it may be for one of them, and so they get a process at once.
BLOCKED = 0.25
# Nor does a slice go on when its results are this large: each of them keeps all others of the slice in memory.
RESULT_BYTES = 1 << 20
# To start a process that imports ray costs about this many seconds of a CPU (Ray 2.60; benchmarks/).
START_SECONDS = 0.7
_DIRECT = frozenset({type(None), bool, int, float, complex, str})
_NO_KEYWORDS: dict[str, Any] = {}
_remote: dict[Any, Any] = {}


def run_slice(function: bytes, members: Any, returns: int, shared_at: Any, options: Any, *shared: Any) -> Any:
    """Run members of one group one after the other, as long as they are short.

    `members` are pickled: where every value is immutable in one piece, as the names of the last arguments and a tuple
    of arguments for each, else one by one, as (arguments, keywords) with their buffers. Each gives `returns` results;
    of several, its outcome is a list of theirs. `shared` are the values of the positional arguments `shared_at`, the
    same for all members. Gives the outcomes of those that ran, the ref to a slice of those that were handed on to
    another worker or None, and the seconds that it took. What neither ran nor was handed on has not begun.
    """
    return Slice(function, members, returns, shared_at, options, shared).run()


class Slice:
    """One slice as it runs: `rest` has the members that have not begun, each for the first thread that takes it.

    `longest` are the seconds of the longest member, `size` the bytes of results that were pickled.
    """

    budget, stall, blocked, most_bytes = BUDGET, STALL, BLOCKED, RESULT_BYTES

    def __init__(self, pickled: bytes, members: Any, returns: int, shared_at: Any, options: Any, shared: Any) -> None:
        self.given = pickled, shared_at, options, shared
        self.name: str = options["name"]
        self.returns = returns
        # None where every call is pickled by itself.
        self.names: tuple[str, ...] | None = None
        self.calls: list[Any] = members
        if isinstance(members, bytes):
            self.names, self.calls = pickle.loads(members)
        # The iterator of a list gives each item once, also to several threads.
        self.rest = iter(self.calls)
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.began = time.perf_counter()
        self.sent: Any = None
        self.stopped = False
        self.size = 0
        self.longest = 0.0

    def run(self) -> Any:
        """Run members as long as they are short; what `run_slice` gives."""
        pickled, shared_at, _, shared = self.given
        function, name, names = function_of(pickled), self.name, self.names
        supplies = [passed(value) for value in shared]
        clock = time.perf_counter
        outcomes: list[Any] = []
        if len(self.calls) > 1:
            threading.Thread(target=self._watch, daemon=True).start()
        start = self.began = clock()
        for call in self.rest:
            # An own copy of what can be mutated, with arrays read-only, as a task's arguments are.
            args, kwargs = (call, _NO_KEYWORDS) if names == () else self._arguments(call)
            if supplies:
                args = list(args)
                for at, supply in zip(shared_at, supplies, strict=True):
                    args[at] = supply()
            outcome: Any
            if self.returns == 1:
                outcome = outcome_of(function, args, kwargs, name)
                if len(self.calls) > 1:
                    outcome = as_it_is(outcome)
                self.size += _bytes(outcome)
            else:
                outcome = outcomes_of(function, args, kwargs, name, self.returns)
                self.size += sum(map(_bytes, outcome))
            outcomes.append(outcome)
            del args, kwargs, outcome
            now = clock()
            if now - self.began > self.longest:
                self.longest = now - self.began
            self.began = now
            if now - start > self.budget or self.size > self.most_bytes:
                break
        with self.lock:
            self.stopped = True
        self.over.set()
        return outcomes, self.sent, clock() - start

    def _arguments(self, call: Any) -> tuple[Any, dict[str, Any]]:
        if self.names is None:
            args, kwargs = pickle.loads(call[0], buffers=call[1])
            return args, kwargs
        split = len(call) - len(self.names)
        return call[:split], dict(zip(self.names, call[split:], strict=True))

    def _watch(self) -> None:
        looked, used = time.perf_counter(), time.process_time()
        while not self.over.wait(self.stall):
            last, spent, looked, used = looked, used, time.perf_counter(), time.process_time()
            computes = used - spent > (looked - last) / 2
            with self.lock:
                if self.stopped:
                    return
                if looked - self.began > (self.stall if computes else self.blocked):
                    rest = list(self.rest)
                    self.stopped = True
                    self.sent = self.hand_on(rest, computes) if rest else None

    def hand_on(self, calls: list[Any], computes: bool) -> Any:
        """Send members to another worker: when it has a CPU free, or, behind one that only waits, without asking."""
        pickled, shared_at, options, shared = self.given
        needs = options if computes else {**options, "num_cpus": 0}
        members: Any
        if self.names is None:
            members = [sent_on(call) for call in calls]
        else:
            members = pickle.dumps((self.names, calls), 5)
        return remote_with(run_slice, needs).remote(pickled, members, self.returns, shared_at, options, *shared)


def remote_with(function: Any, options: dict[str, Any]) -> Any:
    """A function of these modules as a Ray task with such options, made once."""
    key = function.__name__, *sorted(options.items())
    if key not in _remote:
        import ray

        _shrink(_remote)
        _remote[key] = ray.remote(function).options(**options)
    return _remote[key]


def outcome_of(function: Any, args: Any, kwargs: Any, name: str) -> Any:
    """What one call gave: the value itself, a tuple of its pickle and buffers, or a tuple of the error."""
    try:
        return _stored(only_value(function(*args, **kwargs)))
    except Exception as error:
        return (error_of(name, error),)


def outcomes_of(function: Any, args: Any, kwargs: Any, name: str, count: int) -> list[Any]:
    """What one call with `count` results gave for each of them, as `outcome_of` has it.

    As in Ray, what comes before a mistake (of a generator, in pickling) is given all the same.
    """
    outcomes: list[Any] = []
    try:
        values = function(*args, **kwargs)
        if not isinstance(values, types.GeneratorType) and len(values) != count:
            raise _miscounted(len(values), count)
        for value in values:
            if len(outcomes) == count:
                break  # Ray, too, asks a generator for one more, and leaves it at that.
            outcomes.append(as_it_is(_stored(value)))
        if len(outcomes) < count:
            raise _miscounted(len(outcomes), count)
    except Exception as error:
        outcomes += [(error_of(name, error),)] * (count - len(outcomes))
    return outcomes


def _stored(value: Any) -> Any:
    if type(value) in _DIRECT:
        return value
    buffers: list[pickle.PickleBuffer] = []
    return cloudpickle.dumps(value, protocol=5, buffer_callback=buffers.append), buffers


def as_it_is(outcome: Any) -> Any:
    """An outcome with buffers of its own: the function may hold on to what it gave, and change it as it runs again."""
    if type(outcome) is tuple and len(outcome) == 2:
        return outcome[0], [pickle.PickleBuffer(bytes(buffer.raw())) for buffer in outcome[1]]
    return outcome


def sent_on(outcome: Any) -> Any:
    """An outcome that came with a message, as one that may go with another: Ray's own buffers cannot be pickled."""
    if type(outcome) is tuple and len(outcome) == 2:
        return outcome[0], [pickle.PickleBuffer(buffer) for buffer in outcome[1]]
    return outcome


def _bytes(outcome: Any) -> int:
    """How many bytes of an outcome were pickled."""
    if type(outcome) is not tuple or len(outcome) == 1:
        return 0
    size: int = len(outcome[0]) + sum(buffer.raw().nbytes for buffer in outcome[1])
    return size


def error_of(name: str, error: Any) -> Any:
    """What Ray makes of an error of the task `name`."""
    from ray.exceptions import RayTaskError

    own = error.__traceback__.tb_next if error.__traceback__ is not None else None
    text = "".join(traceback.format_exception(type(error), error, own))
    if own is None:
        # Where this line stands, Ray names the task.
        text = f"Traceback (most recent call last):\n{text}"
    cause = error.cause if isinstance(error, RayTaskError) else error
    return RayTaskError(name, text, cause, proctitle=f"ray::{name}", pid=os.getpid())
