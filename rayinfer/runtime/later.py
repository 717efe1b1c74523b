"""Single tasks as symbols: `ri.later(f, x)` is a ref to be, which lists hold and other calls take until it is real."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterable
from typing import Any

from rayinfer.runtime import rayprivate, regions
from rayinfer.runtime.actor_calls import MapActors
from rayinfer.runtime.callees import NOT_A_LIST, Callee, of, tell
from rayinfer.runtime.calls import Call, Member, Result, resolve
from rayinfer.runtime.nodes import LAST, Node
from rayinfer.runtime.task_nodes import Group, InitActors, Map

_SYMBOLS = frozenset({Member, Result})


def later(task: Any, /, *args: Any, **kwargs: Any) -> Any:
    """One task, actor or call on an actor, submitted when its region ends, as a symbol.

    `task` may also be what `of` or `options` gave. The calls of one place in the program are one group.

    Raises what the submission raises, where that is known at once.
    """
    node = _node(task, sys._getframe(1))
    node._add(task(*args, **kwargs) if type(task) is Callee else Call(*args, **kwargs))
    return _added(node)


def results(task: Any, /, *args: Any, **kwargs: Any) -> Any:
    """The same of a task with several results, as the list of their symbols.

    Where it has none, or only one, or gives them one by one, what the submission returns in the plain program.
    """
    node = _node(task, sys._getframe(1), several=True)
    callee = task if type(task) is Callee else of(task)
    node._add(callee(*args, **kwargs))
    member = _added(node)
    if type(member) is not Member:
        return member
    if callee.count > 1:
        return list(member)
    regions.evaluate_argument(member)
    return resolve(member)


def assume_list(*values: Any) -> None:
    """Check what the calls up to the next `evaluate` are inferred from: that these are lists, and of no other class.

    Where one is not, every call is submitted where it stands, and gives its ref instead of a symbol.
    """
    frame, region = sys._getframe(1), regions.current()
    region.plain.discard(id(frame))
    other = [value for value in values if type(value) is not list]
    if other:
        region.flush()
        region.plain.add(id(frame))
        tell(NOT_A_LIST, type(other[0]).__name__)
    # What an exception left there was begun under another assumption.
    region.places = {}


def _added(node: Node) -> Any:
    """The symbol of the member that was just added; its ref where what is to hold it may be no list."""
    assert node.home is not None
    if node.owner not in node.home.plain:
        return Member(node, node.size - 1)
    ref, node.refs[-1] = node.refs[-1], None
    return ref


def _node(task: Any, inner: types.FrameType, several: bool = False) -> Node:
    """The group of the place that calls us, of what is to be called there."""
    frame = inner
    while frame.f_code.co_name.startswith("<") and frame.f_code.co_name != "<module>" and frame.f_back is not None:
        frame = frame.f_back
    region = regions.current()
    what = id(task) if type(task) is not Callee else (task.kind, task.task if task.target is not None else None)
    key = id(frame), inner.f_code, inner.f_lasti, what
    node: Node | None = region.places.get(key)
    if node is None:
        node = region.places[key] = _begun(task, region, frame, several)
    return node


def _begun(task: Any, region: regions.Region, frame: types.FrameType, several: bool) -> Node:
    kind: type[Node] = Group
    given: tuple[Any, ...] = ()
    if type(task) is not Callee:
        kind, given = (InitActors if rayprivate.is_actor_class(task) else Map), (task,)
        if several:
            # Each call says how many.
            kind, given = Map, (None,)
    elif task.target is not None:
        kind, given = MapActors, (task.task,)
    node: Node = kind.__new__(kind)
    node.home, node.owner = region, id(frame)
    node.__init__(*given)  # type: ignore[misc]
    node.keeps = LAST
    node.direct = node.direct or node.owner in region.plain
    if regions.recorder is not None:
        regions.recorder.made(node, frame)
    return node


def wanted_of(values: Iterable[Any]) -> dict[Node, set[int]]:
    """The members that containers hold, by themselves or in a row or list of their own, or that stand alone."""
    found: dict[Node, set[int]] = {}
    for value in values:
        for item in _items(value):
            for part in _items(item):
                member = part.member if type(part) is Result else part
                if type(member) is Member:
                    found.setdefault(member.node, set()).add(member.index)
    return found


def _items(value: Any) -> Iterable[Any]:
    kind = type(value)
    return value.values() if kind is dict else value if kind is list or kind is tuple else (value,)


def settled(value: Any) -> Any:
    """A value with real refs where it was a symbol; a list or dict that held some holds refs, and is the same one."""
    kind = type(value)
    if kind is list or kind is dict:
        for place, item in list(enumerate(value) if kind is list else value.items()):
            real = _row(item)
            if real is not item:
                value[place] = real
        return value
    return _row(value)


def _row(item: Any) -> Any:
    """A symbol's ref; a row or inner list with the refs of its symbols, the same one where it can be."""
    kind = type(item)
    if kind in _SYMBOLS:
        return resolve(item)
    if kind is tuple:
        return tuple(map(_real, item)) if any(type(part) in _SYMBOLS for part in item) else item
    if kind is list or kind is dict:
        for place, part in list(enumerate(item) if kind is list else item.items()):
            if type(part) in _SYMBOLS:
                item[place] = resolve(part)
    return item


def _real(part: Any) -> Any:
    return resolve(part) if type(part) in _SYMBOLS else part
