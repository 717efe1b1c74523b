"""Single tasks as symbols: `ri.later(f, x)` is a ref to be, which lists hold and other calls take until it is real."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterable
from typing import Any

from rayinfer.runtime import rayprivate, regions
from rayinfer.runtime.actor_calls import MapActors
from rayinfer.runtime.callees import Callee
from rayinfer.runtime.calls import Call, Member, resolve
from rayinfer.runtime.nodes import Group, InitActors, Map, Node


def later(task: Any, /, *args: Any, **kwargs: Any) -> Any:
    """One task, actor or call on an actor, submitted when its region ends, as a symbol.

    `task` may also be what `of` or `options` gave. The calls of one place in the program are one group.

    Raises what the submission raises, where that is known at once.
    """
    inner = sys._getframe(1)
    frame = inner
    while frame.f_code.co_name.startswith("<") and frame.f_code.co_name != "<module>" and frame.f_back is not None:
        frame = frame.f_back
    region = regions.current()
    callee = task if type(task) is Callee else None
    what = id(task) if callee is None else (callee.kind, callee.task if callee.target is not None else None)
    key = id(frame), inner.f_code, inner.f_lasti, what
    node = region.places.get(key)
    if node is None:
        node = region.places[key] = _begun(task, region, frame)
    node._add(Call(*args, **kwargs) if callee is None else callee(*args, **kwargs))
    return Member(node, node.size - 1)


def _begun(task: Any, region: regions.Region, frame: types.FrameType) -> Node:
    kind: type[Node] = Group
    given: tuple[Any, ...] = ()
    if type(task) is not Callee:
        kind, given = (InitActors if rayprivate.is_actor_class(task) else Map), (task,)
    elif task.target is not None:
        kind, given = MapActors, (task.task,)
    node: Node = kind.__new__(kind)
    node.home, node.owner = region, id(frame)
    node.__init__(*given)  # type: ignore[misc]
    if regions.recorder is not None:
        regions.recorder.made(node, frame)
    return node


def wanted_of(values: Iterable[Any]) -> dict[Node, set[int]]:
    """The members that containers hold, by themselves or in a row or list of their own, or that stand alone."""
    found: dict[Node, set[int]] = {}
    for value in values:
        for item in _items(value):
            for part in _items(item):
                if type(part) is Member:
                    found.setdefault(part.node, set()).add(part.index)
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
    if kind is Member:
        return resolve(item)
    if kind is tuple:
        return tuple(map(_real, item)) if any(type(part) is Member for part in item) else item
    if kind is list or kind is dict:
        for place, part in list(enumerate(item) if kind is list else item.items()):
            if type(part) is Member:
                item[place] = resolve(part)
    return item


def _real(part: Any) -> Any:
    return resolve(part) if type(part) is Member else part
