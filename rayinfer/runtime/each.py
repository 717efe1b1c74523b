"""A group's members as symbols, to iterate over: `ri.each(group)`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rayinfer.runtime import regions
from rayinfer.runtime.calls import members
from rayinfer.runtime.laziness import may_run_code
from rayinfer.runtime.nodes import Node


def each(group: Any) -> Any:
    """The members of a node as symbols, without evaluating it; over anything else, `iter(group)`.

    What is pending is submitted before an iterator runs code of the program, and so is what is added in between. What
    cannot be iterated over comes back as it is: whoever takes it, a loop or `zip`, says so in its turn.
    """
    if not isinstance(group, Node):
        if not hasattr(group, "__iter__") and not hasattr(group, "__getitem__"):
            return group
        iterator: Iterator[Any] = iter(group)
        if may_run_code(iterator) and not regions.is_direct():
            return regions.current().yielding_to(iterator)
        return iterator
    group._check()
    return members(group)
