"""Bundles: the calls of one chain member made into one Ray call."""

from __future__ import annotations

import functools
import hashlib
import pickle
from dataclasses import dataclass
from typing import Any

import ray
from ray import cloudpickle
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from rayinfer.runtime import carrier_worker, executor_worker, forest_worker, rayprivate, tile_worker, worker
from rayinfer.runtime.callees import name_of
from rayinfer.runtime.calls import Member, operands, resolve
from rayinfer.runtime.nodes import Node
from rayinfer.runtime.tasks import TaskInfo
from rayinfer.runtime.values import ATOMIC

# A plan above this is put once and named by its digest; below it travels in every message.
SMALL_PLAN = 20_000
# Values that a message holds as they are.
BY_VALUE = frozenset({type(None), bool, int, float, complex, str, bytes})
Shape = tuple[Any, ...]
# How much of what was measured before still counts when more is measured; and of the longest.
KEPT, LONGEST_KEPT = 0.9, 0.97


@dataclass(slots=True)
class Pace:
    """How long a task takes: a running mean, in seconds, in which long members count for as long as they take.

    `longest` is about the longest of the last members that are known to have taken long, `bytes` what they all gave.
    """

    seconds: float = 0.0
    members: float = 0.0
    longest: float = 0.0
    bytes: float = 0.0

    @property
    def mean(self) -> float | None:
        """Seconds per member; None as long as none was measured."""
        return self.seconds / self.members if self.members else None

    def note(self, seconds: float, members: int, longest: float = 0.0, size: int = 0) -> None:
        """Take into account that `members` of them took `seconds` and gave `size` bytes, one of them took `longest`."""
        self.seconds = KEPT * self.seconds + seconds
        self.members = KEPT * self.members + members
        self.longest = max(LONGEST_KEPT * self.longest, longest)
        self.bytes = KEPT * self.bytes + size


class Chain:
    """Groups that run as one call per member: their functions, options, and the plans for the shapes of their calls."""

    def __init__(self, tasks: list[Any], infos: list[TaskInfo], pickled: list[bytes]) -> None:
        self.name = "+".join(name_of(info.base or task) for task, info in zip(tasks, infos, strict=True))
        self.infos = infos
        self.pickled = pickled
        self.plans: dict[Shape, Any] = {}
        self.cpus, self.max_retries = infos[0].cpus, None
        shares: Any = infos[0].shares
        if shares is not None:
            self.max_retries = shares[1]
        # How many results each of its tasks gives.
        self.returns = infos[-1].returns
        self.runners: dict[tuple[str, int, str | None], Any] = {}
        self.pace = Pace()
        # Whether its members may be carried; None as long as nobody looked.
        self.carried: bool | None = None

    def on(self, node: str | None, timed: bool = False) -> Any:
        """The Ray task that runs this chain's bundles on `node`; a timed one gives the seconds it took as well."""
        return self.runner("run_timed" if timed else "run_bundle", worker, self.returns + timed, node)

    def options(self) -> dict[str, Any]:
        """The options of this chain's tasks."""
        options: dict[str, Any] = {"num_cpus": self.cpus, "name": self.name}
        return options if self.max_retries is None else {**options, "max_retries": self.max_retries}

    @property
    def retries(self) -> int:
        """How often one of this chain's tasks is tried again when its worker dies."""
        return rayprivate.default_retries() if self.max_retries is None else self.max_retries

    def runner(self, name: str, module: Any = worker, returns: int = 1, node: str | None = None) -> Any:
        """The Ray task by which a function of `worker`, or of a module like it, runs members of this chain."""
        found = self.runners.get((name, returns, node))
        if found is None:
            options = self.options()
            if node is not None:
                options["scheduling_strategy"] = NodeAffinitySchedulingStrategy(node, soft=True)
            found = remote_task(name, module).options(**options, num_returns=returns)
            self.runners[name, returns, node] = found
        return found

    def message(self, nodes: list[Node], index: int) -> tuple[Any, ...]:
        """The arguments of `run_bundle` for member `index` of these groups."""
        shape: list[Any] = []
        values: list[Any] = []
        args: list[Any] = []
        for number, node in enumerate(nodes):
            call = node.calls[index - node.offset]
            shape.append(tuple(call.kwargs))
            for arg in operands(call):
                kind = type(arg)
                if kind in BY_VALUE:
                    shape.append(worker.VALUE)
                    values.append(arg)
                elif kind is Member and arg.node in nodes[:number]:
                    shape.append((worker.STEP, nodes.index(arg.node)))
                else:
                    shape.append(worker.ARG)
                    args.append(arg if kind in ATOMIC else resolve(arg))
        key = tuple(shape)
        plan = self.plans.get(key)
        if plan is None:
            plan = self.plans[key] = self._plan(key)
        return (plan, pickle.dumps(values, 5), *args)

    def _plan(self, shape: Shape) -> Any:
        steps: list[tuple[bytes, list[tuple[int, int]], tuple[str, ...]]] = []
        counts = {worker.VALUE: 0, worker.ARG: 0}
        for item in shape:
            if isinstance(item, int):
                steps[-1][1].append((item, counts[item]))
                counts[item] += 1
            elif item and item[0] == worker.STEP:
                steps[-1][1].append(item)
            else:
                steps.append((self.pickled[len(steps)], [], item))
        data = pickle.dumps(steps, 5)
        if len(data) <= SMALL_PLAN:
            return data
        return [hashlib.sha1(data).digest(), ray.put(data)]


@functools.cache
def _by_value() -> None:
    for module in (worker, tile_worker, carrier_worker, forest_worker, executor_worker, rayprivate):
        cloudpickle.register_pickle_by_value(module)


_remote: dict[str, Any] = {}


def remote_task(name: str, module: Any = worker) -> Any:
    """A function of `worker`, or of a module like it, as a Ray task that needs nothing of the project on the worker."""
    if name not in _remote:
        _by_value()
        _remote[name] = ray.remote(getattr(module, name))
    return _remote[name]


@functools.cache
def bundle_function() -> bytes:
    """`run_bundle` as `worker.function_of` takes it."""
    _by_value()
    data: bytes = cloudpickle.dumps(worker.run_bundle)
    return data


def remote_executor() -> Any:
    """`Executor` as a Ray actor class that needs nothing of the project on the worker."""
    if "actor" not in _remote:
        _by_value()
        _remote["actor"] = ray.remote(executor_worker.Executor)
    return _remote["actor"]


_chains: dict[tuple[Any, ...], Chain] = {}


def chain_of(nodes: list[Node], infos: list[TaskInfo]) -> Chain | None:
    """The chain of these groups' tasks, or None where their functions cannot be had."""
    pickled = [rayprivate.export(info.base or node.task) for node, info in zip(nodes, infos, strict=True)]
    found = [data for data in pickled if data is not None]
    if len(found) < len(nodes):
        return None
    # What a plan has put into the object store is gone with its session.
    key = (rayprivate.session(), *found, *((info.shares, info.returns) for info in infos))
    chain = _chains.get(key)
    if chain is None:
        if len(_chains) > 1000:
            _chains.clear()
        chain = _chains[key] = Chain([node.task for node in nodes], infos, found)
    return chain


def accepted(nodes: list[Node], infos: list[TaskInfo]) -> bool:
    """Whether every call of these groups fits its function, so that no submission would have raised."""
    return all(
        info.accepts(*shape) for node, info in zip(nodes, infos, strict=True) for shape in _shapes_of_calls(node)
    )


def _shapes_of_calls(node: Node) -> set[tuple[int, tuple[str, ...]]]:
    calls = node.calls if node.alike is None else node.calls[:1]
    return {(len(call.args), tuple(call.kwargs)) for call in calls}
