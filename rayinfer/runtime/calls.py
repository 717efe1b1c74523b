"""One member's argument list, members as symbols, and where a group takes its arguments from."""

from __future__ import annotations

import collections
import dis
import functools
import types
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import ray

from rayinfer.runtime import values
from rayinfer.runtime.grids import real as real_ref
from rayinfer.runtime.laziness import is_ours, may_run_code, source_of
from rayinfer.runtime.sharing import Shared

if TYPE_CHECKING:
    from rayinfer.runtime.callees import Callee
    from rayinfer.runtime.nodes import Node
    from rayinfer.runtime.regions import Region


class Call:
    """The exact arguments of one member, and what it calls where that is not the same for its whole group.

    A rewritten program makes one for each member, as `call(...)`: nothing else is done here.
    """

    __slots__ = ("args", "callee", "kwargs")

    def __init__(self, /, *args: Any, **kwargs: Any) -> None:
        self.args = args
        self.kwargs = kwargs
        self.callee: Callee | None = None


class Member:
    """Member `index` of `node`, by name: the ref or handle it will have once it is submitted.

    One of a task with several results stands for the list of their refs, and is taken apart as that is.
    """

    __slots__ = ("index", "node")

    def __init__(self, node: Node, index: int) -> None:
        self.node = node
        self.index = index

    def __reduce__(self) -> Any:
        raise TypeError("a member stands for a ref only as an argument of its own")

    def __getitem__(self, key: Any) -> Any:
        places = self._places()
        if places is None:
            return resolve(self)[key]
        found = places[key]
        return Result(self, found) if type(found) is int else [Result(self, place) for place in found]

    def __iter__(self) -> Iterator[Any]:
        places = self._places()
        return iter(resolve(self) if places is None else [Result(self, place) for place in places])

    def _places(self) -> list[int] | None:
        """The numbers of its results; None where it has only one, or what comes of its call is not known before."""
        from rayinfer.runtime import regions

        node, at = self.node, self.index - self.node.offset
        node._check()
        if at >= 0:
            callee = node.calls[at].callee
            if callee is not None and callee.count > 1:
                return _numbers(callee.count)
            regions.evaluate_argument(self)
        refs = node.refs[self.index]
        return _numbers(len(refs)) if type(refs) is list else None


class Result:
    """One of the several results of a member, by its number: the ref it will have."""

    __slots__ = ("member", "place")

    def __init__(self, member: Member, place: int) -> None:
        self.member = member
        self.place = place

    def __reduce__(self) -> Any:
        raise TypeError("a result stands for a ref only as an argument, or in a list that is one")


@functools.lru_cache(maxsize=64)
def _numbers(count: int) -> list[int]:
    return list(range(count))


call = Call
NO_ARGUMENTS = Call()
# Arguments that are neither copied nor looked into.
_AS_IT_IS = frozenset({*values.ATOMIC, ray.ObjectRef})


def aimed(args: tuple[Any, ...], kwargs: dict[str, Any], callee: Callee | None) -> Call:
    """The call of a member that says what it calls."""
    made = Call()
    made.args, made.kwargs, made.callee = args, kwargs, callee
    return made


def operands(call: Call) -> tuple[Any, ...]:
    """The values of a call's arguments, those by keyword last."""
    return (*call.args, *call.kwargs.values()) if call.kwargs else call.args


def symbols(arg: Any) -> Iterator[Member]:
    """The members that an argument stands for, or takes one result of."""
    if type(arg) is Member:
        yield arg
    for result in results_in(arg):
        yield result.member


def results_in(arg: Any) -> Sequence[Result]:
    """The results that an argument is, or is a list or tuple of."""
    kind = type(arg)
    if kind is Result:
        return (arg,)
    if (kind is list or kind is tuple) and arg and all(type(item) is Result for item in arg):
        found: Sequence[Result] = arg
        return found
    return ()


def members(group: Node) -> Iterator[Member]:
    """The members of a group by name, also those that it gets meanwhile."""
    index = 0
    while index < len(group):
        yield Member(group, index)
        index += 1


is_ours(members)


def _iterates_itself(given: Any) -> bool:
    """Whether going through these argument lists runs nothing of the program but the expressions of the arguments.

    So for lists, and for a generator expression over what is known to run nothing; the compiler has seen to it that the
    expressions of its arguments change nothing.
    """
    if isinstance(given, (list, tuple)):
        return True
    if not isinstance(given, types.GeneratorType) or given.gi_frame is None or not _is_one_loop(given.gi_code):
        return False
    over = source_of(given)
    return over is not None and not may_run_code(over)


@functools.lru_cache(maxsize=1024)
def _is_one_loop(code: types.CodeType) -> bool:
    loops = sum(instruction.opname == "FOR_ITER" for instruction in dis.get_instructions(code))
    return code.co_name == "<genexpr>" and loops == 1


class Sources:
    """What the calls of one group take: members of which groups, whether one-to-one, and what cannot be fused."""

    __slots__ = ("by_node", "given", "kept", "last", "shared", "unfusible", "whole")

    def __init__(self) -> None:
        # Per source group: how many calls took exactly their own index of it (-1: some took another), and the last.
        self.by_node: dict[Node, list[int]] = {}
        self.whole: set[Node] = set()
        self.unfusible = False
        self.last: tuple[Call, Call] | None = None
        # What the members that are being taken come from, as long as nobody asked what that means for `kept`.
        self.given: Any = None
        # Stand-ins for values that several calls share, by identity; None while the program may change one in between.
        self.kept: dict[int, tuple[Any, Any]] | None = None
        # The same for calls that are not held back.
        self.shared: Shared | None = None

    def take(self, call: Call, index: int, region: Region | None) -> tuple[Call, bool]:
        """The call with its arguments as they are now, and whether it cannot wait: its arguments cannot be copied.

        Nothing is copied for a call outside of any region: it is submitted when the program says so.
        """
        if self.last is not None and self.last[0] is call:
            return self.last[1], False
        given = call
        args: list[Any] | None = None
        eager = False
        for i, arg in enumerate(call.args):
            kind = type(arg)
            if kind in _AS_IT_IS:
                continue
            if kind is Member:
                self._member(arg, index)
            else:
                kept, cannot = self._other(arg, region)
                eager |= cannot
                if kept is not arg:
                    args = list(call.args) if args is None else args
                    args[i] = kept
        kwargs = call.kwargs
        if kwargs:
            kwargs = dict(kwargs)
            for key, arg in kwargs.items():
                if type(arg) is Member:
                    self._member(arg, index)
                elif type(arg) not in _AS_IT_IS:
                    kwargs[key], cannot = self._other(arg, region)
                    eager |= cannot
        if args is not None or kwargs is not call.kwargs:
            call = aimed(call.args if args is None else tuple(args), kwargs, call.callee)
        if not eager:
            self.last = given, call
        return call, eager

    def _member(self, member: Member, index: int) -> None:
        link = self.by_node.get(member.node)
        if link is None:
            if member.node.kind == "InitActors":
                self.unfusible = True
            link = self.by_node[member.node] = [0, -1]
        if link[0] < 0 or member.index != index:
            link[0] = -1
        elif link[1] != index:
            link[0] += 1
            link[1] = index

    def _other(self, arg: Any, region: Region | None) -> tuple[Any, bool]:
        from rayinfer.runtime.nodes import Node
        from rayinfer.runtime.task_nodes import Broadcast

        results = results_in(arg)
        if results:
            for result in results:
                self._member(result.member, -2)
            self.unfusible = True
            return arg, False
        if isinstance(arg, Broadcast):
            self._member(member := Member(arg, 0), -2)
            return member, False
        if isinstance(arg, Node):
            self.whole.add(arg)
            self.unfusible = True
            return arg, False
        if isinstance(arg, ray.actor.ActorHandle):
            self.unfusible = True
            return arg, False
        if region is None:
            self.unfusible = True
            return arg, False
        try:
            kept = self._frozen(arg)
        except Exception:
            # It holds references, or cannot be pickled: submit now, as the plain program does.
            self.unfusible = True
            return real(arg, region), True
        if type(kept) is values.Frozen:
            self.unfusible = True
        return kept, False

    def share(self) -> dict[int, tuple[Any, Any]] | None:
        """`kept`, with `shared` beside it, where a value that several members share is copied or put once."""
        if self.given is not None:
            given, self.given = self.given, None
            if _iterates_itself(given):
                self.kept, self.shared = {}, Shared()
        return self.kept

    def taken(self) -> None:
        """Share nothing any more: the program goes on."""
        self.given = self.kept = self.shared = None

    def _frozen(self, arg: Any) -> Any:
        kept = self.share()
        if kept is None or isinstance(arg, collections.defaultdict):  # which grows as it is read
            return values.freeze(arg)
        found = kept.get(id(arg))
        if found is not None:
            return found[1]
        frozen = values.freeze(arg)
        if values.may_be_pickled_once(arg):
            # The value is held as well: its identity must not be given to another one.
            kept[id(arg)] = arg, frozen
        return frozen


def real(value: Any, region: Region) -> Any:
    """`value` with the members inside its lists, tuples and dicts replaced by their refs, submitted for it."""
    kind = type(value)
    if kind is Member or kind is Result:
        region.flush()
        (value.member if kind is Result else value).node.eval()
        return resolve(value)
    if kind is list or kind is tuple:
        items = [real(item, region) for item in value]
        return kind(items) if any(new is not old for new, old in zip(items, value, strict=True)) else value
    if kind is dict:
        entries = {key: real(item, region) for key, item in value.items()}
        return entries if any(entries[key] is not value[key] for key in value) else value
    return value


def resolve(arg: Any) -> Any:
    """The real argument for one that may be a member or a node."""
    from rayinfer.runtime.nodes import Node
    from rayinfer.runtime.task_nodes import Broadcast

    kind = type(arg)
    if kind is Member:
        node = arg.node
        node._check()
        return real_ref(node.refs[0 if type(node) is Broadcast else arg.index])
    if kind is Result:
        return resolve(arg.member)[arg.place]
    if results_in(arg):
        return kind([resolve(result) for result in arg])
    if isinstance(arg, Node):
        return arg.value()
    return arg


def resolved_call(call: Call) -> tuple[list[Any], dict[str, Any]]:
    """The real arguments of one member whose sources are all submitted."""
    as_it_is = _AS_IT_IS
    args = [arg if type(arg) in as_it_is else resolve(arg) for arg in call.args]
    return args, {key: resolve(arg) for key, arg in call.kwargs.items()} if call.kwargs else {}


def checked(args: Iterable[Any], count: int | None, of: str) -> Iterable[Any]:
    """`args` itself; lists of argument lists are checked as the study does, calls stand as they are.

    Raises ValueError when there are not as many argument lists as `count`.
    """
    if not isinstance(args, (list, tuple)):
        return args
    if count is not None and len(args) != count and not holds_calls(args):
        raise ValueError(f"Length of args ({len(args)}) must match {of} ({count})")
    return args


def holds_calls(items: list[Any] | tuple[Any, ...]) -> bool:
    """Whether these are `call(...)`s, and not argument lists."""
    return bool(items) and type(items[0]) is Call


def plain_calls(args: Iterable[Any], more: tuple[Any, ...] = ()) -> Iterator[Call]:
    """The calls that argument lists stand for, with `more` at the end of each; calls stand as they are."""
    for item in args:
        yield item if type(item) is Call else Call(*listed(item), *more)


def listed(item: Any) -> Any:
    """An argument list. Raises TypeError for what is none."""
    if isinstance(item, (list, tuple)):
        return item
    raise TypeError(f"a member's arguments are a list, a tuple or a call(...), not {type(item).__name__}")


def map_calls(objects: Any, args: Iterable[Any] | None) -> Iterable[Any]:
    """The calls of a `Map`: of `args[i] + [objects[i]]`, as the study has them, or what `args` holds.

    Raises what `checked` and `listed` raise.
    """
    from rayinfer.runtime.each import each

    if objects is None:
        return args if args is not None else ()
    if args is None:
        return (Call(item) for item in each(objects))
    items = checked(args, len(objects) if hasattr(objects, "__len__") else None, "objects")
    if isinstance(items, (list, tuple)) and not holds_calls(items):
        return (Call(*listed(item), obj) for item, obj in zip(items, each(objects), strict=False))
    return items
