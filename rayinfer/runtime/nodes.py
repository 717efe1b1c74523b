"""The run-time nodes: groups of tasks and actors that are submitted when they are evaluated."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterable, Iterator
from time import monotonic
from typing import Any

from rayinfer.runtime import callees, rayprivate, regions
from rayinfer.runtime.callees import Callee, capture, name_of
from rayinfer.runtime.calls import (
    Call,
    Member,
    Sources,
    listed,
)
from rayinfer.runtime.grids import Grid, real
from rayinfer.runtime.growth import Growth, over
from rayinfer.runtime.laziness import may_run_code, plain_error, source_of
from rayinfer.runtime.rows import Item, Under, fill, split, turned
from rayinfer.runtime.signatures import Signatures
from rayinfer.runtime.values import ATOMIC

logger = logging.getLogger("rayinfer")
_group_ids = itertools.count(1)
# What a name of the program holds: a list of all members, each one until the next is made, or none of them.
ALL, LAST, NONE = "all", "last", "none"


class Node:
    """A group of members, each one call; `len`, indexing and iteration give real refs or handles.

    `into` is the dict or list whose values at `keys` the members are, where they do not make a list of their own; one
    that is the key of a value has an `Under` there. `rows` is what the members stand in, where they do not stand alone.

    `growth` is the container of the program's that the members are added to, where there is one. `keeps` says which
    members a name of the program holds for as long as it holds the node.

    `refs` is what the submitted members returned, `calls` holds those from number `offset` on, until their batch is
    submitted. `home` is the region of a node that is submitted at the region's end. `direct` members are submitted at
    once, as the plain program would. `owner` is the identity of the frame that made a node of a region. `alike` is how
    many positional arguments the pending calls have, where they have nothing else and nothing can change these.
    """

    __slots__ = (
        "__weakref__", "alike", "calls", "direct", "dropped", "group_id", "growth", "home", "into", "keeps", "keys",
        "objects", "offset", "owner", "placement", "recorded", "refs", "rows", "signatures", "size", "sources",
        "targets", "task",
    )  # fmt: skip
    kind = "Node"
    home: regions.Region | None
    owner: int

    def __new__(cls, *_args: Any, **_kwargs: Any) -> Any:
        node = object.__new__(cls)
        node.home = None
        node.owner = 0
        return node

    def __init__(self, task: Any, objects: Any = None, into: Any = None, rows: bool = False) -> None:
        self.into = into
        self.keys: list[Any] = []
        self.rows: list[Item] | None = [] if rows else None
        self.growth: Growth | None = None
        self.group_id = next(_group_ids)
        self.task = task
        self.objects: Node | None = objects if isinstance(objects, Node) else None
        self.calls: list[Call] = []
        self.alike: int | None = None
        self.targets: list[Any] = []
        self.refs: list[Any] = []
        self.placement: list[str | None] = []
        self.sources = Sources()
        self.size = 0
        self.offset = 0
        self.dropped = False
        self.keeps = ALL
        self.recorded = False
        self.signatures = Signatures()
        self.direct = regions.is_direct()
        if regions.observer is not None:
            regions.observer.begun(self)
        if not self.direct and not self._is_known():
            logger.warning("%s(%r): not a task or actor of Ray; called as the plain program does", self.kind, task)
            self.direct = True

    def _is_known(self) -> bool:
        # Without a task, each call of a rewritten program says what it calls.
        return rayprivate.is_of_ray(self.task) or (self.task is None and self.home is not None)

    def _settle(self, callee: Callee) -> None:
        """Take a member that calls something else than those before it, or is the first to say what it calls."""
        if self.kind == callee.kind and callee.target is None:
            self.task = callee.task if self.task is None else callees.Several(name_of(callee.task))
            self.direct = not capture(callee.base)
            return
        self.direct = True
        callees.tell(callee.why or callees.NOT_A_GROUP, f"{self.kind} of {name_of(callee.task)}")

    def _yield_to(self, iterator: Any) -> None:
        """Submit each member as it is made, and first what is pending, where the program's code runs in between."""
        if iterator is not None and self.home is not None and not self.direct and may_run_code(iterator):
            self.home.flush()
            self.direct = True

    def _take(self, items: Iterable[Any], given: Any = None, add: Callable[[Any], None] | None = None) -> None:
        """Add members one after the other; what was added before `items` raises is submitted first.

        `given` is what the program gave for them, and `add` what adds an item, where it is no call.
        """
        self._yield_to(source_of(given))
        quick = add is None and self.home is not None and regions.recorder is None
        add = add or self._add
        sources = self.sources
        sources.given = given
        try:
            for item in items:
                if not (quick and self._alike(item)):
                    add(item)
        except BaseException as error:
            if self.home is not None:
                self.home.flush()
            plain = plain_error(error, given)
            if plain is not error:
                raise plain from None
            raise
        finally:
            sources.taken()

    def _add(self, call: Any, target: Any = None) -> None:
        if type(call) is not Call:
            call = Call(*listed(call))
        callee = call.callee
        if callee is not None:
            target = callee.target
            if not self.direct and (not callee.kind or (target is None and callee.task is not self.task)):
                self._settle(callee)
        elif not self.size and self.home is not None and not self.direct:
            self.direct = not capture(self.task)
        if regions.recorder is not None:
            regions.recorder.member(self, call, target)
        region = self.home
        if self.direct or (region is not None and region.yielding):
            self._check()
            regions.submit_direct(self, call, target)
            return
        simple = not call.kwargs and ATOMIC.issuperset(map(type, call.args))
        eager = False
        if not self.calls:
            self.alike = len(call.args) if simple and callee is None and target is None else None
        elif not simple or callee is not None or len(call.args) != self.alike:
            self.alike = None
        if not simple:
            call, eager = self.sources.take(call, self.size, region)
        if region is None:
            self._keep(call, target)
            return
        if self.signatures.refuse(self.task if callee is None else callee.task, call, target):
            # What Ray raises, it is to raise here.
            region.flush()
            regions.submit_direct(self, call, target)
            return
        with region.lock:
            self._keep(call, target)
            if region.tail is not self:
                region.begin_run(self)
        if eager:
            region.flush()
        elif monotonic() > region.due:
            region.hurry(self)

    def _alike(self, call: Any) -> bool:
        """Add one more member that is like the last one in all that `_add` asks; false for anything else."""
        if (
            type(call) is not Call
            or len(call.args) != self.alike
            or call.kwargs
            or call.callee is not None
            or not ATOMIC.issuperset(map(type, call.args))
        ):
            return False
        region: Any = self.home
        with region.lock:
            if region.tail is not self or region.yielding:
                return False
            self.calls.append(call)
            self.size += 1
        if monotonic() > region.due:
            region.hurry(self)
        return True

    def _keep(self, call: Call, target: Any) -> None:
        if target is not None:
            self.targets.append(target)
        self.calls.append(call)
        self.size += 1

    def place(self, key: Any) -> None:
        """Make the last member the value of `into[key]`; raises what that raises."""
        member = Member(self, self.size - 1)
        self.into[key if type(key) is not Under else member] = member
        self.keys.append(key)

    def __setitem__(self, key: Any, call: Any) -> None:
        """Add one member, whose ref or handle is to be `into[key]`; where the key is the call, it is the value's key.

        Raises TypeError for what is not a `call(...)`, and what `into` raises for the key.
        """
        key, call = turned(key, call)
        if type(call) is not Call or self.into is None:
            raise TypeError("a key takes a call(...), in a group made with into=")
        self._add(call)
        self.place(key)

    def append(self, call: Any) -> None:
        """Add one member to an open group: a `call(...)`, or with `rows` a tuple, list or dict that has one in it.

        Raises TypeError for anything else.
        """
        if self.rows is not None:
            call, item = split(call)
            self.rows.append(item)
        if type(call) is not Call:
            raise TypeError("append takes a call(...)")
        self._add(call)

    def drop(self, call: Any, **actor: Any) -> None:
        """The same of members whose refs the program drops as it makes them."""
        self.keeps = NONE
        self.append(call, **actor)

    def to(self, owner: Any, name: str) -> Growth:
        """The container `owner.name`, which takes the next member: `group.to(self, "refs").append(call(...))`."""
        if self.growth is None:
            assert self.home is not None
            self.growth = Growth(self, self.home)
        return self.growth.at(owner, name)

    def over(self, items: Iterable[Any]) -> Iterator[Any]:
        """The items of the loop in which this group grows."""
        return over(self, items)

    def _placed(self, items: Iterable[Any] | None) -> Iterator[Call]:
        """The calls of members that are values of `into`, by `(key, call)` pairs, or keys of it, or stand in rows."""
        for item in items or ():
            if self.rows is not None:
                call, row = split(item)
                self.rows.append(row)
                if call is not None:
                    yield call
                continue
            key, call = turned(*item)
            yield call
            # The member is there by now.
            self.place(key)

    def eval(self) -> list[Any]:
        """Submit this group and what it needs, once; the real refs or handles of its members."""
        if self.calls:
            regions.evaluate_node(self)
        self._check()
        return [real(ref) for ref in self.refs]

    def value(self) -> Any:
        """What the plain program's name would hold: the list of refs or handles, or the container that they fill."""
        self._check()
        if self.growth is not None:
            # The program has it already.
            return None
        if self.rows is not None:
            refs = iter(self.refs)
            return [row.whole(next(refs)) if row.called else row.parts for row in self.rows]
        if self.into is None:
            return list(self.refs)
        fill(self.into, self.keys, [real(ref) for ref in self.refs])
        return self.into.held if type(self.into) is Grid else self.into

    def submitted(self) -> None:
        """Forget the calls of the members that have refs, so that nothing they hold is kept alive."""
        done = len(self.refs) - self.offset
        self.offset += done
        del self.calls[:done]
        del self.targets[:done]
        if not self.calls:
            self.sources = Sources()
            self.signatures = Signatures()
            self.objects = None

    def release(self) -> None:
        """Nothing that follows uses this node; what its members returned stays for as long as a name holds the node.

        So long it stays in the plain program: an actor ends with its last handle, also with one in a task's result.
        """
        self.dropped = True
        if self.keeps != ALL:
            self.refs = self.refs[-1:] if self.keeps == LAST else []
        self.into = self.growth = None
        self.rows = None
        self.keys = []
        self.calls = []
        self.targets = []
        self.sources = Sources()
        self.signatures = Signatures()
        self.objects = None

    def hand_over(self) -> None:
        """The same of a node whose list, or whose members one by one, the program has from now on."""
        self.release()
        self.refs = []

    def _check(self) -> None:
        if self.dropped:
            raise RuntimeError(f"{self!r} was given up at the end of its region: name it in evaluate(..., keep=[...])")

    @property
    def task_ids(self) -> list[tuple[int, int]]:
        """The id of every member: the group's id and the member's index."""
        return [(self.group_id, i) for i in range(len(self))]

    def __len__(self) -> int:
        held = self.rows if self.rows is not None else self.into
        return self.size if held is None else len(held)

    def __getitem__(self, index: Any) -> Any:
        return self.into.at(self, index) if type(self.into) is Grid else self.eval()[index]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.eval())

    def __repr__(self) -> str:
        return f"<{self.kind} {name_of(self.task)} #{self.group_id}>"
