"""The run-time nodes that make tasks and actors."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Iterable
from typing import Any

from rayinfer.runtime import callees
from rayinfer.runtime.callees import Callee
from rayinfer.runtime.calls import NO_ARGUMENTS, Call, checked, map_calls
from rayinfer.runtime.nodes import Node


class Broadcast(Node):
    """One task, of which every one of the `n` members is the one result."""

    __slots__ = ("width",)
    kind = "Broadcast"

    def __init__(self, task: Any, n: int, /, *args: Any, **kwargs: Any) -> None:
        super().__init__(task)
        # In a rewritten program, what is no number fails where the members are made.
        self.width = max(n if type(n) is int else 1 if self.home is not None else operator.index(n), 0)
        self._take((Call(*args, **kwargs),))

    def _is_known(self) -> bool:
        # Its one ref is what a rewritten program's name holds, and other files may have given the task its options.
        return super()._is_known() and (self.home is None or callees.of(self.task).kind == "Map")

    def eval(self) -> list[Any]:
        return super().eval() * self.width

    def value(self) -> Any:
        self._check()
        return self.refs[0]

    def append(self, call: Call) -> None:
        raise TypeError("a Broadcast is one task and takes no further members")

    def __len__(self) -> int:
        return self.width


class Map(Node):
    """One task per member: of `args[i] + [objects[i]]`, or of what `call(...)` says."""

    __slots__ = ()
    kind = "Map"

    def __init__(
        self, task: Any, objects: Any = None, args: Iterable[Any] | None = None, *, into: Any = None, rows: bool = False
    ) -> None:
        super().__init__(task, objects, into, rows)
        self._take(self._placed(args) if into is not None or rows else map_calls(objects, args), args)


class InitActors(Node):
    """`n` actors, member `i` made with `args[i]`; they wait for the first group call on them."""

    __slots__ = ()
    kind = "InitActors"

    def __init__(
        self,
        actor: Any,
        n: int | None = None,
        args: Iterable[Any] | None = None,
        *,
        into: Any = None,
        rows: bool = False,
    ) -> None:
        super().__init__(actor, None, into, rows)
        count = None if n is None else max(operator.index(n), 0)
        if into is not None or rows:
            self._take(self._placed(args), args)
        elif args is None:
            self._take(itertools.repeat(NO_ARGUMENTS, count or 0))
        else:
            self._take(checked(args, count, "n"), args)


class Group(Node):
    """Calls of what is seen only when they are made: it becomes a `Map` or `InitActors` with its first member."""

    __slots__ = ("kind",)
    kind: str

    def __init__(
        self, objects: Any = None, args: Iterable[Any] | None = None, *, into: Any = None, rows: bool = False
    ) -> None:
        self.kind = "Group"
        super().__init__(None, objects, into, rows)
        self._take(self._placed(args) if into is not None or rows else args or (), args)

    def _settle(self, callee: Callee) -> None:
        if self.kind == "Group" and callee.kind in ("Map", "InitActors"):
            self.kind = callee.kind
        super()._settle(callee)
