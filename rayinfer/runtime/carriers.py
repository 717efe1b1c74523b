"""Carriers: tasks that run many short members of a group whose refs the program holds, and give a ref for each."""

from __future__ import annotations

import functools
import itertools
import sys
import types
from collections.abc import Iterator, Sequence
from typing import Any

import ray

from rayinfer.passes.hazards import codes, installed
from rayinfer.placement import ClusterView
from rayinfer.runtime import carrier_worker, rayprivate, tracker
from rayinfer.runtime.bundles import BY_VALUE, Chain, Pace, accepted, bundle_function, chain_of
from rayinfer.runtime.calls import Call, Member, operands
from rayinfer.runtime.nodes import Node
from rayinfer.runtime.slices import DEPTH, LONG_SECONDS, packed, size
from rayinfer.runtime.tasks import computes, info
from rayinfer.runtime.worker import RESULT_BYTES

# A result costs little less where a call has more of them than this, and the first ones come later.
MOST_RESULTS = 250
# A task's members may be carried as long as none took longer than this many seconds: its neighbours wait for it.
LONGEST_SECONDS = 0.05
# Larger arguments make calls dear in themselves.
LARGE_ARGUMENT = 1024
_SHORT = BY_VALUE - {str, bytes}
# How many members go out one by one between two looks at whether it is known by now how long they take.
WINDOW = 128
# The tasks of Ray that carry several members: cancelling one member is none of the others' business.
_carrying: dict[bytes, None] = {}
_MOST_REMEMBERED = 100_000
# The modules that are not the program's own: a process has a thousand of them, and each new chain asks.
_others: set[str] = set()


def chain_to_carry(nodes: list[Node], count: int, view: ClusterView) -> Chain | None:
    """The chain of a group, or of groups that are fused, whose members may be carried.

    None where that would gain nothing or might be seen.
    """
    if any(node.kind != "Map" or node.offset or count != node.size or node.sources.whole for node in nodes):
        return None
    infos = [info(node.task) for node in nodes]
    if nodes[0].sources.by_node or any(known.shares is None for known in infos):
        return None
    if count <= 2 * DEPTH * view.room(infos[0].cpus) or 2 * infos[-1].returns > MOST_RESULTS:
        return None
    if not all(_takes_little(node, nodes[:number]) for number, node in enumerate(nodes)):
        return None
    chain = chain_of(nodes, infos) if accepted(nodes, infos) else None
    if chain is None:
        return None
    return chain if may_be_carried(nodes, chain) and view.room(chain.cpus) else None


def may_be_carried(nodes: list[Node], chain: Chain) -> bool:
    """Whether the tasks of a chain do nothing but compute, may run again, and are of a program that cancels nothing."""
    if chain.carried is None:
        chain.carried = chain.retries != 0 and all(computes(node.task) for node in nodes) and not _cancels()
    return chain.carried


def carries_several(ref: Any) -> None:
    """Note that the task of this result carries several members."""
    _carrying[ref.task_id().binary()] = None
    if len(_carrying) > _MOST_REMEMBERED:
        del _carrying[next(iter(_carrying))]


def by_member(refs: list[Any], returns: int) -> list[Any]:
    """What each member of a carrier has of its task's results: a ref, or a list of those of several."""
    return refs if returns == 1 else [refs[at : at + returns] for at in range(0, len(refs), returns)]


def most_for(pace: Pace, returns: int) -> int:
    """How many members one task may carry, for the results it gives then."""
    most = MOST_RESULTS // returns
    if pace.bytes:
        # The results wait for each other in the worker's own memory.
        most = min(most, max(1, int(RESULT_BYTES * pace.members / pace.bytes)))
    return most


def is_small(arg: Any) -> bool:
    """Whether an argument is a short value that cannot change."""
    kind = type(arg)
    return kind in BY_VALUE and (kind not in (str, bytes) or len(arg) <= LARGE_ARGUMENT)


def _takes_little(node: Node, before: Sequence[Node]) -> bool:
    """Whether calls take short values and members of the groups before theirs in its chain, and nothing else."""
    args = itertools.chain.from_iterable(map(operands, node.calls))
    if _SHORT.issuperset(map(type, args)):
        return True
    args = itertools.chain.from_iterable(map(operands, node.calls))
    return all(arg.node in before if type(arg) is Member else is_small(arg) for arg in args)


def submit(nodes: list[Node], chain: Chain, view: ClusterView) -> str:
    """Submit all members of a group or chain, in order: in carriers as far as they are known to be short.

    Gives how they went; their refs are those of the last group.
    """
    sending = _Sending(nodes, chain, view.room(chain.cpus))
    node = sending.node
    rest = len(node.calls)
    if not sending.is_short():
        # Some are measured, alone.
        for _ in range(sending.cpus):
            sending.carry(1)
        while len(node.refs) < rest and chain.pace.mean is None:
            sending.plain(min(WINDOW, rest - len(node.refs)))
            sending.look()
    while len(node.refs) < rest and sending.is_short():
        sending.carry(sending.next_size(rest - len(node.refs)))
    sending.plain(rest - len(node.refs))
    return "carriers" if sending.carried else "plain"


class _Sending:
    """The members of one group or chain as they are submitted: those that have refs are."""

    def __init__(self, nodes: list[Node], chain: Chain, cpus: int) -> None:
        self.nodes, self.node, self.chain, self.cpus = nodes, nodes[-1], chain, cpus
        self.measured: list[Any] = []
        self.carried = 0

    def is_short(self) -> bool:
        """Whether members are known to be short, all of them."""
        pace = self.chain.pace
        return pace.mean is not None and pace.mean <= LONG_SECONDS and pace.longest <= LONGEST_SECONDS

    def next_size(self, left: int) -> int:
        """How many members the next carrier gets, of so many that are left."""
        pace = self.chain.pace
        most = most_for(pace, self.chain.returns)
        return min(left, most, size(left, self.cpus, pace.mean or LONG_SECONDS))

    def carry(self, count: int) -> None:
        """Submit the next members as one call."""
        chain, first = self.chain, len(self.node.refs)
        if len(self.nodes) == 1:
            function = chain.pickled[0]
            members = packed(self.node.calls[first:][:count], alike=self.node.alike is not None)
        else:
            calls = [Call(*message) for message in self._messages(first, count)]
            if not all(type(call.args[0]) is bytes for call in calls):
                # A plan that is too long for a message goes along as a ref in a list.
                self.plain(count)
                return
            function, members = bundle_function(), packed(calls)
        returns = chain.returns
        runner = chain.runner("run_carrier", carrier_worker, count * returns + 1)
        *refs, took = runner.remote(function, members, returns, (), chain.options())
        if count > 1:
            self.carried += count
            carries_several(took)
        else:
            self.measured.append(took)
        self.node.refs.extend(by_member(refs, returns))
        self.node.placement.extend([None] * count)
        tracker.track(took, functools.partial(learn, chain, took))

    def plain(self, count: int) -> None:
        """Submit the next members one by one, as the plain program does."""
        first = len(self.node.refs)
        if len(self.nodes) == 1:
            remote = self.node.task.remote
            for call in self.node.calls[first : first + count]:
                self._went(remote(*call.args, **call.kwargs))
        else:
            remote = self.chain.on(None).remote
            for message in self._messages(first, count):
                self._went(remote(*message))

    def _went(self, ref: Any) -> None:
        self.node.refs.append(ref)
        self.node.placement.append(None)

    def _messages(self, first: int, count: int) -> Iterator[tuple[Any, ...]]:
        """What `run_bundle` is given for some members of a chain."""
        return (self.chain.message(self.nodes, first + i) for i in range(count))

    def look(self) -> None:
        """Have what was measured taken into account, if it is there."""
        if ray.wait(self.measured, timeout=0, fetch_local=False)[0]:
            tracker.prune()


def learn(chain: Chain, took: Any, _waited: float) -> Any:
    """Note how long the members of a carrier took, from the ref to that, and give it; None when it failed."""
    measured = tracker.result(took)
    if measured is None or not measured[1]:
        return None
    chain.pace.note(*measured[:4])
    return measured


def _cancels() -> bool:
    """Whether code of the program, as far as it is loaded, mentions `cancel`."""
    return any("cancel" in part.co_names for code in _program() for part in codes(code))


def _program() -> Iterator[types.CodeType]:
    """The code of the program: of what runs, and of the functions and classes of its modules."""
    for top in sys._current_frames().values():
        frame: types.FrameType | None = top
        while frame is not None:
            if _is_programs(frame.f_globals.get("__name__"), frame.f_code.co_filename):
                yield frame.f_code
            frame = frame.f_back
    for name, module in [one for one in sys.modules.items() if one[0] not in _others]:
        if _is_programs(getattr(module, "__name__", None), getattr(module, "__file__", None)):
            for value in list(vars(module).values()):
                yield from _codes_of(value)
        else:
            _others.add(name)


def _is_programs(module: str | None, file: str | None) -> bool:
    return (module or "").partition(".")[0] not in ("rayinfer", "rayinfer_cli") and not installed(module, file)


def _codes_of(value: Any) -> Iterator[types.CodeType]:
    if rayprivate.is_remote_function(value):
        value = rayprivate.function_of(value)
    if isinstance(value, types.FunctionType):
        yield value.__code__
    elif isinstance(value, type):
        for member in list(vars(value).values()):
            inner = getattr(member, "__func__", getattr(member, "fget", member))
            if isinstance(inner, types.FunctionType):
                yield inner.__code__


rayprivate.spare_from_cancel(_carrying)
