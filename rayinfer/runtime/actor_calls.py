"""The run-time nodes of calls on actors: one method, on every actor of a list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ray

from rayinfer.runtime import callees, rayprivate_sends, regions
from rayinfer.runtime.callees import Callee
from rayinfer.runtime.calls import Call, Member, aimed, checked, plain_calls, resolve
from rayinfer.runtime.each import each
from rayinfer.runtime.nodes import Node
from rayinfer.runtime.rayprivate_sends import way
from rayinfer.runtime.signatures import fits
from rayinfer.runtime.values import ATOMIC


class MapActors(Node):
    """One call of `method` per actor: member `i` calls actor `i` with `args[i]`.

    Without `actors`, each call of a rewritten program says which actor it calls. `fitting` says how many positional
    arguments fit which parameters, where the last call was sent at once and had no others.
    """

    __slots__ = ("fitting",)
    kind = "MapActors"

    def __init__(
        self,
        method: str,
        actors: Any = None,
        args: Iterable[Any] | None = None,
        *,
        into: Any = None,
        rows: bool = False,
    ) -> None:
        super().__init__(method, None, into, rows)
        self.fitting: tuple[int, Any] | None = None
        self._call(actors, args)

    def append(self, call: Any, actor: Any = None) -> None:
        """Add one call of the method, on `actor`."""
        if self.rows is not None:
            super().append(call)
            return
        if type(call) is not Call or (actor is None and call.callee is None):
            raise TypeError("append takes a call(...) and actor=")
        if actor is None:
            self._take((call,))
        else:
            self._take(((actor, call),), add=self._add_on)

    def _is_known(self) -> bool:
        return True

    def _add(self, call: Call, target: Any = None) -> None:
        callee = call.callee
        named = target if callee is None else callee.target
        if (callee is not None and callee.remote is not None) or not self._send(call, named):
            super()._add(call, target)

    def _send(self, call: Call, target: Any) -> bool:
        """Send a call on an actor at once, where there is nothing that it could wait for, or be put together with."""
        region = self.home
        if region is None or region.runs or region.yielding or self.direct:
            return False
        actor = _there(target)
        by = way(actor, self.task)
        if by is None:
            return False
        if regions.recorder is not None:
            regions.recorder.member(self, call, target)
        regions.send_now(self, call, actor, by)
        plain = not call.kwargs and fits(by._signature, call.args, call.kwargs)
        self.fitting = (len(call.args), by._signature) if plain else None
        return True

    def _like(self, call: Call, actor: Any) -> bool:
        """Send one more call that is like the last one in all that `_send` asks; false for anything else."""
        region: Any = self.home
        if region.runs or region.yielding or region.flushing or region.growing:
            return False
        if regions.recorder is not None or regions.observer is not None:
            return False
        by = way(actor, self.task)
        if by is None or self.fitting != (len(call.args), by._signature) or call.callee is not None:
            return False
        if call.kwargs or not ATOMIC.issuperset(map(type, call.args)):
            return False
        regions.sent(self, rayprivate_sends.send(actor, by, call.args, call.kwargs))
        return True

    def _call(self, actors: Any, args: Iterable[Any] | None, whole: tuple[Any, ...] = ()) -> None:
        if actors is None and (self.into is not None or self.rows is not None):
            self._take(self._placed(args), args)
        elif actors is None:
            self._take(plain_calls(args if args is not None else (), whole), args)
        elif args is None:
            shared = Call(*whole)
            found = each(actors)
            self._yield_to(found)
            self._take(((target, shared) for target in found), add=self._add_on)
        else:
            targets = list(each(actors))
            calls = plain_calls(checked(args, len(targets), "actors"), whole)
            # The plain program's zip takes an actor first, too: as many calls as there are actors, and no more.
            self._take(zip(targets, calls, strict=False), args, self._add_on)

    def _add_on(self, pair: tuple[Any, Call]) -> None:
        """Add a call on an actor, or on what stands where an actor was expected."""
        target, call = pair
        if self.fitting is not None and self._like(call, target):
            return
        if self.direct:
            self._add(call, target)
            return
        if call.callee is None and self._send(call, target):
            return
        callee = callees.of(_there(target), self.task) if self.home is not None else _unchecked(target, self.task)
        if callee.kind:
            self._add(call, target)
        else:
            self._add(aimed(call.args, call.kwargs, callee))


class ReduceActors(MapActors):
    """Every actor takes the whole group: one call of `method` per actor with `args[i]` and all `objects`."""

    __slots__ = ()
    kind = "ReduceActors"

    def __init__(
        self,
        method: str,
        actors: Any,
        objects: Any,
        args: Iterable[Any] | None = None,
        *,
        into: Any = None,
        rows: bool = False,
    ) -> None:
        Node.__init__(self, method, objects, into, rows)
        self.fitting = None
        self._call(actors, args, tuple(each(objects)))


def _there(actor: Any) -> Any:
    """The handle that a member stands for, once it is there; anything else as it is."""
    if type(actor) is Member and actor.index < len(actor.node.refs) and not actor.node.dropped:
        return resolve(actor)
    return actor


def _unchecked(target: Any, method: str) -> Callee:
    """The callee of a method in a hand-written program, which asks for nothing before it is evaluated."""
    if isinstance(target, Member | ray.actor.ActorHandle):
        return Callee("MapActors", method, target=target)
    return callees.of(target, method)
