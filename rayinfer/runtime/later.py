"""Single tasks as symbols: `ri.later(f, x)` is a ref to be, which lists hold and other calls take until it is real."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterable
from typing import Any

from rayinfer.runtime import regions
from rayinfer.runtime.calls import Call, Member, resolve
from rayinfer.runtime.nodes import Map, Node


def later(task: Any, /, *args: Any, **kwargs: Any) -> Any:
    """One task, submitted when its region ends, as a symbol; the calls of one place in the program are one group.

    Raises what the submission raises, where that is known at once.
    """
    inner = sys._getframe(1)
    frame = inner
    while frame.f_code.co_name.startswith("<") and frame.f_code.co_name != "<module>" and frame.f_back is not None:
        frame = frame.f_back
    region = regions.current()
    key = id(frame), inner.f_code, inner.f_lasti, id(task)
    node = region.places.get(key)
    if node is None:
        node = region.places[key] = _begun(task, region, frame)
    node._add(Call(*args, **kwargs))
    return Member(node, node.size - 1)


def _begun(task: Any, region: regions.Region, frame: types.FrameType) -> Map:
    node: Map = Map.__new__(Map)
    node.home, node.owner = region, id(frame)
    node.__init__(task)  # type: ignore[misc]
    if regions.recorder is not None:
        regions.recorder.made(node, frame)
    return node


def wanted_of(values: Iterable[Any]) -> dict[Node, set[int]]:
    """The members that lists hold, or that stand alone, by their groups."""
    found: dict[Node, set[int]] = {}
    for value in values:
        for item in value if type(value) is list else (value,):
            if type(item) is Member:
                found.setdefault(item.node, set()).add(item.index)
    return found


def settled(value: Any) -> Any:
    """A value with real refs where it was a symbol, or a list that held some: the same list."""
    if type(value) is list:
        for place, item in enumerate(value):
            if type(item) is Member:
                value[place] = resolve(item)
    return resolve(value) if type(value) is Member else value
