"""Groups of which only the values are wanted: their members run in slices, sized by how long they are seen to take."""

from __future__ import annotations

import contextlib
import math
import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ray
from ray import cloudpickle

from rayinfer.runtime import cluster, passing, rayprivate, regions, values, watcher
from rayinfer.runtime.bundles import Chain, accepted, bundle_function, chain_of
from rayinfer.runtime.calls import Call
from rayinfer.runtime.nodes import Node
from rayinfer.runtime.regions import Batch
from rayinfer.runtime.tasks import info
from rayinfer.runtime.values import ATOMIC

if TYPE_CHECKING:
    from rayinfer.runtime.plan import Fused

# One call of Ray costs about this many seconds: a slice has to run longer for its call to be worth it.
CALL_SECONDS = 0.001
# So that the calls themselves cost at most a twentieth of the work.
TARGET_SECONDS = 20 * CALL_SECONDS
# Members that take longer than this go alone, as plain tasks: nothing is to be gained, and Ray balances them best.
LONG_SECONDS = 0.01
# Slices under way for each CPU: one that runs and one that waits for it.
DEPTH = 2
# When no member has ended after this many seconds, the rest is submitted: who adds nodes must see what is waiting.
PATIENCE = 5.0
_TASKS_PER_CALL = 10_000


@dataclass(slots=True)
class Job:
    """What to gather: the task of a member, the function that runs it on a worker (pickled), and its calls, in order.

    For a chain of groups these are of the bundle of a member. `alike` says that all calls have as many positional
    arguments, which nothing can change, and no others.
    """

    task: Any
    function: bytes
    chain: Chain
    calls: list[Call]
    alike: bool
    shared_at: tuple[int, ...]
    shared: tuple[Any, ...]
    cpus: int
    # Told of each task that ended and its members, where the program is watched.
    ended: Callable[[Any, range | int], None] | None = None
    # Whether a value may be given as its ref, where it has one.
    passed: bool = False


def get(node: Node, owner: int, passed: bool = False) -> list[Any]:
    """End the region with a group of which only the values are wanted, and give them, as `ray.get` of its refs would.

    `owner` is the frame of the program. Where they are `passed` on, a large one that has a ref may be that. Raises what
    `ray.get` raises.
    """
    region = regions.current()
    chain, job = [node], None
    if node.home is region and not node.direct:
        with region.held() as runs:
            fused = _chained(node, runs, owner) if node.sources.by_node else None
            if fused is not None:
                chain, job = fused.nodes, _job_of_chain(fused)
            else:
                job = job_of(node)
    if job is None or not region.give_up(chain):
        region.end([node], [], owner)
        refs = node.value()
        node.release()
        found: list[Any] = ray.get(refs)
        return passing.stand_ins(refs, found) if passed else found
    # What others have left pending comes first.
    region.end([], [], owner)
    if regions.observer is not None:
        job.ended = regions.observer.gathering(chain, len(job.calls))
    for one in chain:
        one.release()
    job.passed = passed
    return gather(job)


def job_of(node: Node) -> Job | None:
    """What there is to gather in slices, or None where slices would gain nothing or might be seen."""
    if not _may_slice(node) or node.sources.by_node:
        return None
    task = info(node.task)
    if task.fusible is None or not accepted([node], [task]):
        return None
    cpus = _room(node, task.cpus)
    if not cpus:
        return None
    taken = shared(node.calls, node.alike is not None)
    chain = chain_of([node], [task]) if taken is not None else None
    if taken is None or chain is None:
        return None
    return Job(node.task, chain.pickled[0], chain, list(node.calls), node.alike is not None, *taken, cpus)


def _chained(node: Node, runs: list[list[Any]], owner: int) -> Fused | None:
    """The chain that ends with a group, where its groups are the last in `runs` and take no other that is pending."""
    pending = [run[0] for run in runs]
    if not all(_may_slice(one) for one in (node, *node.sources.by_node)) or not _room(node, info(node.task).cpus):
        return None
    if len(set(pending)) < len(pending):
        # Their members come in turns.
        return None
    # Late, as a group's own plan is.
    from rayinfer.runtime.plan import fuse

    fused = fuse(Batch(runs, {one for one in pending if one.owner == owner} - {node}, {node})).fused.get(node)
    if fused is None or fused.chain.returns > 1 or pending[-len(fused.nodes) :] != fused.nodes:
        return None
    return fused if all(source in fused.nodes for source in _sources(fused.nodes)) else None


def _job_of_chain(fused: Fused) -> Job | None:
    """The same as `job_of` for a chain, of which each member is a bundle."""
    node, chain = fused.nodes[-1], fused.chain
    calls = [Call(*chain.message(fused.nodes, number)) for number in range(len(node.calls))]
    taken, cpus = shared(calls), _room(node, chain.cpus)
    # A plan that is too long for a message would go along as a ref in a list.
    if taken is None or not cpus or type(calls[0].args[0]) is not bytes:
        return None
    return Job(chain.on(None), bundle_function(), chain, calls, False, *taken, cpus)


def _may_slice(node: Node) -> bool:
    return node.kind == "Map" and not node.offset and bool(node.calls) and not node.sources.whole


def _sources(chain: list[Node]) -> Iterator[Node]:
    return (source for node in chain for source in (*node.sources.by_node, *node.sources.whole))


def _room(node: Node, cpus: float) -> int:
    """How many members run at a time; 0 where there are too few of them for slices."""
    room = cluster.view().room(cpus)
    return room if room >= 1 and len(node.calls) > DEPTH * room else 0


def shared(calls: list[Call], alike: bool = False) -> tuple[tuple[int, ...], tuple[Any, ...]] | None:
    """The places and the values of the refs that all calls take; None where they take any others."""
    first = calls[0].args
    at = tuple(place for place, arg in enumerate(first) if type(arg) is ray.ObjectRef)
    refs = tuple(first[place] for place in at)
    return (at, refs) if alike or all(_shares(call, at, refs) for call in calls) else None


def _shares(call: Call, shared_at: tuple[int, ...], shared: tuple[Any, ...]) -> bool:
    """Whether a call takes the same refs as the first one at the same places, and no others."""
    if any(type(arg) is ray.ObjectRef for arg in call.kwargs.values()):
        return False
    if not shared_at:
        return all(type(arg) is not ray.ObjectRef for arg in call.args)
    refs = [(at, arg) for at, arg in enumerate(call.args) if type(arg) is ray.ObjectRef]
    return refs == list(zip(shared_at, shared, strict=True))


def packed(calls: list[Call], shared_at: tuple[int, ...] = (), alike: bool = False) -> Any:
    """The calls as `run_slice` takes them: in one pickle only where no two of them could share what can be changed."""
    if alike:
        return pickle.dumps(((), [call.args for call in calls]), 5)
    names = tuple(calls[0].kwargs)
    given = [(_without(call.args, shared_at), call.kwargs) for call in calls]
    if all(
        tuple(kwargs) == names and ATOMIC.issuperset(map(type, (*args, *kwargs.values()))) for args, kwargs in given
    ):
        return pickle.dumps((names, [(*args, *kwargs.values()) for args, kwargs in given]), 5)
    return [_apart(call) for call in given]


def _without(args: tuple[Any, ...], shared_at: tuple[int, ...]) -> tuple[Any, ...]:
    return tuple(None if at in shared_at else arg for at, arg in enumerate(args)) if shared_at else args


def _apart(call: tuple[Sequence[Any], dict[str, Any]]) -> tuple[bytes, list[pickle.PickleBuffer]]:
    args, kwargs = call
    if sum(type(arg) not in ATOMIC for arg in (*args, *kwargs.values())) > 1:
        # Ray serializes each argument by itself: what two of them share is two things in the task.
        call = [values.alone(arg) for arg in args], {name: values.alone(arg) for name, arg in kwargs.items()}
    buffers: list[pickle.PickleBuffer] = []
    data = cloudpickle.dumps(call, protocol=5, buffer_callback=buffers.append)
    return data, buffers


def size(left: int, cpus: int, seconds: float) -> int:
    """How many members the next slice gets, of those that are left and take so many seconds each.

    With k slices, submitted one after the other and run side by side, what is left is over after about
    `k * CALL_SECONDS + left * seconds / k`: the best k is where both are the same. There are no more of them than can
    be under way, of which each gets a share of what is left then, so that they shrink towards the end: guided
    self-scheduling (Polychronopoulos and Kuck, 1987). None is to take more than `TARGET_SECONDS`.
    """
    slices = min(DEPTH * cpus, max(1.0, math.sqrt(left * seconds / CALL_SECONDS)))
    most = TARGET_SECONDS / max(seconds, 1e-9)
    return max(1, int(min(left / slices, most, _TASKS_PER_CALL)))


def gather(job: Job) -> list[Any]:
    """The results of all members, in member order.

    Raises what `ray.get` of their refs would raise: the error of a member that failed, once it is known.
    """
    return _Gathering(job).run()


def _finish() -> bool:
    """Go on with the groups whose error the program was told of; whether any have slices under way."""
    session = rayprivate.session()
    for one in list(_unfinished):
        # With its session all its tasks are gone.
        if one.session != session or not one.finish():
            _unfinished.remove(one)
    return bool(_unfinished)


class _Gathering:
    """The slices of one group that are under way, and what they gave."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.session = rayprivate.session()
        self.results: list[Any] = [None] * len(job.calls)
        # The members that have not been submitted; those that come next stand last.
        self.rest = [range(len(job.calls))]
        # What is under way: the members of each slice; those of a plain task are a number.
        self.running: dict[Any, range | int] = {}

    def run(self) -> list[Any]:
        try:
            while self.rest or self.running:
                self._submit()
                patience = PATIENCE if self.rest and self.job.chain.pace.mean is None else None
                ready, _ = ray.wait(list(self.running), num_returns=1, timeout=patience)
                if not ready:
                    self._submit_alone()
                for ref in ready:
                    self._take(ref, self.running.pop(ref))
        except BaseException:
            # The plain program had submitted every member by now: also those that a slice will give back.
            self._submit_alone()
            _unfinished.append(self)
            watcher.look_after(_finish)
            raise
        return self.results

    def finish(self) -> bool:
        """Submit what slices gave back since the program was told of an error; whether any are under way."""
        self.running = {ref: members for ref, members in self.running.items() if isinstance(members, range)}
        for ref in ray.wait(list(self.running), num_returns=len(self.running), timeout=0)[0] if self.running else ():
            with contextlib.suppress(Exception):
                self._take(ref, self.running.pop(ref))
        self._submit_alone()
        return bool(self.running)

    def _submit(self) -> None:
        """Keep every CPU busy."""
        seconds = self.job.chain.pace.mean
        if seconds is not None and seconds > LONG_SECONDS:
            # Some are measured all the same: the next ones may be short again.
            for _ in range(self.job.cpus if not self.running else 0):
                self._slice(1)
            self._submit_alone()
        while self.rest and len(self.running) < DEPTH * self.job.cpus:
            left = sum(map(len, self.rest))
            self._slice(1 if seconds is None else size(left, self.job.cpus, seconds))

    def _slice(self, count: int) -> None:
        job, members = self.job, self._next(count)
        if not members:
            return
        given = packed(job.calls[members.start : members.stop], job.shared_at, job.alike)
        ref = job.chain.runner("run_slice").remote(
            job.function, given, 1, job.shared_at, job.chain.options(), *job.shared
        )
        self.running[ref] = members

    def _next(self, count: int) -> range:
        """Take the next members, as many as `count` of those that stand together."""
        if not self.rest:
            return range(0)
        members = self.rest.pop()
        self._put_back(members[count:])
        return members[:count]

    def _put_back(self, members: range) -> None:
        if members:
            self.rest.append(members)

    def _submit_alone(self) -> None:
        """Submit all that is left as the plain program does."""
        while members := self._next(1):
            call = self.job.calls[members.start]
            self.running[self.job.task.remote(*call.args, **call.kwargs)] = members.start

    def _take(self, ref: Any, members: range | int) -> None:
        if self.job.ended is not None:
            self.job.ended(ref, members)
        if isinstance(members, int):
            value = ray.get(ref)
            self.results[members] = passing.stand_in(ref, value) if self.job.passed else value
            return
        outcomes, sent, seconds = ray.get(ref)
        if outcomes:
            self.job.chain.pace.note(seconds, len(outcomes))
        self.results[members.start : members.start + len(outcomes)] = outcomes
        errors = []
        if tuple in set(map(type, outcomes)):
            for member, outcome in enumerate(outcomes, members.start):
                if type(outcome) is not tuple:
                    continue
                if len(outcome) == 2:
                    self.results[member] = pickle.loads(outcome[0], buffers=outcome[1])
                else:
                    errors.append(outcome[0])
        rest = members[len(outcomes) :]
        if sent is not None:
            self.running[sent] = rest
        else:
            self._put_back(rest)
        if errors:
            raise errors[0].as_instanceof_cause()


_unfinished: list[_Gathering] = []
