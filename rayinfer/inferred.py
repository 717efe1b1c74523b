"""What a rewritten program calls: nodes pending in their thread's region, and the region's end."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from rayinfer.runtime import actor_calls, config, nodes, passing, regions, slices, task_nodes
from rayinfer.runtime.ahead import ahead
from rayinfer.runtime.callees import of, options
from rayinfer.runtime.calls import Call, call
from rayinfer.runtime.each import each
from rayinfer.runtime.grids import Grid, grid, tiled
from rayinfer.runtime.later import assume_list, later, results, settled, wanted_of

_AnyNode = TypeVar("_AnyNode", bound=nodes.Node)


def _pending(kind: type[_AnyNode], /, *args: Any, **kwargs: Any) -> _AnyNode:
    node: _AnyNode = kind.__new__(kind)
    frame = sys._getframe(2)
    node.home = regions.current()
    node.owner = id(frame)
    try:
        node.__init__(*args, **kwargs)  # type: ignore[misc]
    except BaseException:
        if regions.recorder is not None:
            regions.recorder.made(node, frame, complete=False)
        raise
    if regions.recorder is not None:
        regions.recorder.made(node, frame, grows=all(given is None for given in args[1:]))
    return node


def Broadcast(task: Any, n: int, /, *args: Any, **kwargs: Any) -> task_nodes.Broadcast:
    """One task, whose one ref the members of later groups take."""
    return _pending(task_nodes.Broadcast, task, n, *args, **kwargs)


def Map(task: Any, objects: Any = None, args: Iterable[Any] | None = None, **where: Any) -> task_nodes.Map:
    """One task per member; `objects` is the group its members depend on.

    With `into=`, a dict or list, `args` are `(key, call(...))` pairs, and the members are its values at these keys; in
    pairs `(call(...), value)` they are keys of the dict. With `rows=True`, `args` are tuples, lists or dicts with one
    `call(...)` in each, or such calls and what stands where none is made, and the group is a list of these. So it is
    for the other nodes.
    """
    return _pending(task_nodes.Map, task, objects, args, **where)


def Group(objects: Any = None, args: Iterable[Any] | None = None, **where: Any) -> task_nodes.Group:
    """Tasks or actors of what each call says that it calls: `of(f)(...)`, `options(f, ...)(...)`."""
    return _pending(task_nodes.Group, objects, args, **where)


def InitActors(
    actor: Any, n: int | None = None, args: Iterable[Any] | None = None, **where: Any
) -> task_nodes.InitActors:
    """A group of actors."""
    return _pending(task_nodes.InitActors, actor, n, args, **where)


def MapActors(
    method: str, actors: Any = None, args: Iterable[Any] | None = None, **where: Any
) -> actor_calls.MapActors:
    """One call of `method` on each actor."""
    return _pending(actor_calls.MapActors, method, actors, args, **where)


def ReduceActors(
    method: str, actors: Any, objects: Any, args: Iterable[Any] | None = None, **where: Any
) -> actor_calls.ReduceActors:
    """One call of `method` on each actor, with all of `objects`."""
    return _pending(actor_calls.ReduceActors, method, actors, objects, args, **where)


def evaluate(*escaping: Any, keep: Iterable[Any] = ()) -> Any:
    """End the region: submit everything pending, in program order.

    Returns what the plain program's names would hold: a list of refs or handles per escaping group, one ref for a
    `Broadcast`; a tuple when several are given, None when none. Nodes in `keep` stay usable as nodes; every other
    pending node is dead: it runs, but nobody sees its refs. A symbol that `later` gave becomes its ref, and those in a
    list become theirs, in that list. Raises what a submission raises.
    """
    frame, keep = sys._getframe(1), tuple(keep)
    nodes_escaping = [value for value in escaping if isinstance(value, nodes.Node)]
    kept = [value for value in keep if isinstance(value, nodes.Node)]
    wanted = wanted_of(escaping)
    try:
        regions.current().end(nodes_escaping, kept, id(frame), wanted)
    except BaseException:
        if regions.recorder is not None:
            regions.recorder.evaluated(frame, escaping, keep, done=False)
        raise
    if regions.recorder is not None:
        regions.recorder.evaluated(frame, escaping, keep)
    found = tuple(value.value() if isinstance(value, nodes.Node) else settled(value) for value in escaping)
    for value in nodes_escaping:
        if value not in kept:
            value.hand_over()
    for value in wanted:
        value.release()
    for value in kept:
        if type(value.into) is Grid:
            value.into.settle(value)
    if not found:
        return None
    return found[0] if len(found) == 1 else found


def get(group: nodes.Node, to: Sequence[Any] | None = None) -> list[Any]:
    """`ray.get` of a group that nothing else sees: ends the region, and gives the values of its members, in order.

    With `to`, its values are used for nothing but arguments of these tasks and of actors of these classes, as those of
    `passed_each` are. Raises what `ray.get` raises.
    """
    frame = sys._getframe(1)
    if regions.recorder is not None:
        regions.recorder.evaluated(frame, (), (), (group,), done=False)
    if to is not None:
        _record_passed()
    return slices.get(group, id(frame), to is not None and passing.takes_refs(to))


def passed(ref: Any, to: Sequence[Any]) -> Any:
    """`ray.get(ref)`, where the value is used for nothing but arguments of the tasks and actor classes `to`.

    Gives the ref of a value that Ray would store once more for each call, and else the value: the calls find the same.
    Anything among `to` that is not Ray's may look at its arguments: then it is the value. Raises what `ray.get` raises.
    """
    _record_passed()
    return passing.passed(ref, to)


def passed_each(refs: Any, to: Sequence[Any]) -> Any:
    """The same of `ray.get(refs)`, where the elements are used so, and their list for nothing but to go over them."""
    _record_passed()
    return passing.passed_each(refs, to)


def _record_passed() -> None:
    """Note that the code which called one of the above passes on what it gets."""
    if regions.recorder is not None:
        regions.recorder.passed(sys._getframe(2))


if config.verified is not None:
    from rayinfer.runtime.recorder import Recorder

    regions.recorder = Recorder(*config.verified)

__all__ = [
    "Broadcast",
    "Call",
    "Group",
    "InitActors",
    "Map",
    "MapActors",
    "ReduceActors",
    "ahead",
    "assume_list",
    "call",
    "each",
    "evaluate",
    "get",
    "grid",
    "later",
    "of",
    "options",
    "passed",
    "passed_each",
    "results",
    "tiled",
]
