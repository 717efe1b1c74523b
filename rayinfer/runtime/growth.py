"""Containers of the program's own that take in a group's members: `self.refs.append(...)`, `self.table[key] = ...`."""

from __future__ import annotations

import functools
import itertools
import sys
import types
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import ray

from rayinfer.runtime import callees
from rayinfer.runtime.calls import Call, Member, Result, operands
from rayinfer.runtime.grids import real
from rayinfer.runtime.laziness import is_ours
from rayinfer.runtime.rows import Under, turned
from rayinfer.runtime.values import ATOMIC, is_array, is_immutable

if TYPE_CHECKING:
    from rayinfer.runtime.nodes import Node
    from rayinfer.runtime.regions import Region

_PLAIN = frozenset({*ATOMIC, ray.ObjectRef, Member, Result})
_DEEP, _MANY = 20, 10_000
# Stands among the keys for the end of a list.
_END = object()
# Special names of a class that say nothing of what reading an attribute, texts and comparisons of its objects run.
_HARMLESS = frozenset(
    f"__{name}__"
    for name in "abstractmethods aenter aexit annotate annotate_func annotations annotations_cache call"
    " class_getitem conditional_annotations del delattr dict doc enter exit firstlineno getstate init init_subclass"
    " instancecheck module new orig_bases parameters post_init prepare qualname reduce reduce_ex set_name setattr"
    " setstate slots static_attributes subclasscheck subclasshook type_params weakref".split()
)
# What a class may hold under a name, so that reading the attribute runs no code: methods and slots.
_METHODS: tuple[type, ...] = (
    types.FunctionType, types.BuiltinFunctionType, types.MethodDescriptorType, types.WrapperDescriptorType,
    types.MemberDescriptorType, staticmethod, classmethod,
)  # fmt: skip
_BUILT_IN = (object, type, types.ModuleType)


def _counted() -> int:
    holder = [[]]  # type: ignore[var-annotated]
    found = holder[0]
    return sys.getrefcount(found)


# What `sys.getrefcount` says of an object that one name of the caller and one other holder have.
_HELD_ONCE = _counted()


class Growth:
    """The list or dict that a group's members go into, round by round looked up as the plain program looks it up.

    `held` is that container while its refs wait for the group: nothing but the one attribute holds it, and no argument
    leads to it, so that nobody can tell. It gets them when the group is evaluated, or before that when a loop is left
    or this thread uses Ray. Any other container gets each ref at once, as the program's own statement would put it
    there. The first `done` members are in; `keys` says where the others go.
    """

    __slots__ = ("base", "done", "error", "found", "held", "keys", "name", "node", "owner", "region")

    def __init__(self, node: Node, region: Region) -> None:
        self.node, self.region = node, region
        self.held: Any = None
        self.owner: Any = None
        self.name = ""
        self.found: Any = None
        self.error: Exception | None = None
        self.base: Any = None
        self.keys: list[Any] = []
        self.done = 0

    def at(self, owner: Any, name: str) -> Growth:
        """This, for the next member, which goes into `owner.name`; what the look-up raises is raised in its turn."""
        self.error = None
        try:
            found = getattr(owner, name)
        except Exception as error:
            self.error = error
            return self
        if self.node.direct or (found is self.held and found is not None):
            self.found = found
        elif self.held is None and sys.getrefcount(found) <= _HELD_ONCE and self._is_seen_through(owner, name, found):
            self.held = self.found = found
            self.owner, self.name = owner, name
            self.region.growing.append(self)
        else:
            self.found = found
            self._go_direct()
        return self

    @property
    def append(self) -> Callable[..., None]:
        """`append` of the container, for a `call(...)`, or a tuple, list or dict with one in it."""
        if self.error is not None:
            raise self.error
        return self._append if not self.node.direct else functools.partial(self._append_to, self.found.append)

    def _append(self, item: Any, **actor: Any) -> None:
        if not self._may_wait(_call_in(item)):
            self._go_direct()
            self._append_to(self.found.append, item, **actor)
            return
        self.node.append(item, **actor)
        self.keys.append(_END)
        self.settle()

    def _append_to(self, append: Callable[[Any], None], item: Any, **actor: Any) -> None:
        self.node.append(item, **actor)
        append(self._whole(-1))

    def __setitem__(self, key: Any, call: Any) -> None:
        key, call = turned(key, call)
        under = type(key) is Under
        if self.error is not None and under:
            raise self.error
        if not self.node.direct and not (self._may_wait(call) and self._is_place(key)):
            self._go_direct()
        if self.node.direct:
            self.node._add(call)
            ref = real(self.node.refs[-1])
            if self.error is not None:
                raise self.error
            self.found[ref if under else key] = key.value if under else ref
            return
        self.node._add(call)
        self.keys.append(key)
        self.settle()

    def _may_wait(self, call: Call) -> bool:
        """Whether the ref of a call may come into the container later: nothing that it takes could show the container.

        A task that is called for the first time is pickled then, with what its code reads of its module.
        """
        if self.error is not None or self.held is None:
            return False
        # Members that could not be submitted are gone.
        del self.keys[self.node.size :]
        if self.node.rows is not None:
            del self.node.rows[self.node.size :]
        if call.callee is not None and call.callee.kind and call.callee.base is not self.base:
            if self.node.size:
                return False
            self.base = call.callee.base
        return all(type(arg) in _PLAIN or _is_plain(arg, self.held) for arg in operands(call))

    def _is_place(self, key: Any) -> bool:
        """Whether a ref can surely be stored at a key, and no code of the program decides that."""
        if type(self.held) is list:
            return type(key) is int and -len(self.held) <= key < len(self.held)
        return isinstance(key, Under | ray.ObjectRef | ray.actor.ActorHandle) or is_immutable(key)

    def _is_seen_through(self, owner: Any, name: str, found: Any) -> bool:
        """Whether this is a plain list or dict, on an object whose attributes are read without its class's code."""
        if type(found) is not list and type(found) is not dict:
            return False
        names = _names_in(sys._getframe(3).f_code) | {name}
        classes = [*type(owner).__mro__, *(owner.__mro__ if isinstance(owner, type) else ())]
        return not any(_hooks(one, names) for one in classes if one not in _BUILT_IN)

    def _go_direct(self) -> None:
        """From here on each call is submitted when it is made, and its ref put into the container at once."""
        found = self.found
        self.region.flush()
        self.forget()
        self.found = found
        self.node.direct = True
        if self.error is None:
            callees.tell(callees.SEEN, f"{self.node.kind} of {callees.name_of(self.node.task)}")

    def _whole(self, index: int) -> Any:
        """What goes into the container for a member that is submitted."""
        ref = real(self.node.refs[index])
        return ref if self.node.rows is None else self.node.rows[index].whole(ref)

    def settle(self) -> None:
        """Put the refs of the members that are submitted into the container, in the order of the program.

        Where another thread has taken it, and left a new one, it is as if that had been before the loop.
        """
        if self.held is not None:
            there = getattr(self.owner, self.name, None)
            if type(there) is type(self.held):
                self.held = there
        while self.done < min(len(self.node.refs), len(self.keys)):
            index, self.done = self.done, self.done + 1
            key = self.keys[index]
            if key is _END:
                self.held.append(self._whole(index))
            elif type(key) is Under:
                self.held[self._whole(index)] = key.value
            else:
                self.held[key] = self._whole(index)

    def forget(self) -> None:
        """Hold the container no longer: all that was submitted is in it."""
        if self in self.region.growing:
            self.region.growing.remove(self)
        self.held = self.found = self.owner = None
        self.keys = []


class Over(itertools.chain[Any]):
    """The items of a loop in which a group grows, one after the other without any code of Python's in between."""


is_ours(Over)


class _Left:
    """Comes after the last item of a loop; dropped before that, what the members of its group go into is made whole."""

    def __init__(self, node: Node) -> None:
        self.node: Node | None = node

    def __iter__(self) -> Iterator[Any]:
        self.node = None
        return iter(())

    def __del__(self) -> None:
        node, self.node = self.node, None
        if node is not None and node.growth is not None:
            try:
                node.growth.region.flush()
            finally:
                node.growth.forget()
                node.hand_over()


def over(node: Node, items: Iterable[Any]) -> Iterator[Any]:
    """The items of a loop in which a group grows; left by an exception, what the members go into is made whole.

    Python lets go of the iterator of a loop that it leaves before it looks for a handler.
    """
    from rayinfer.runtime.each import each

    return Over(each(items), _Left(node))


def _call_in(item: Any) -> Call:
    """The call that is appended, by itself or in a row."""
    if type(item) is Call:
        return item
    parts = item.values() if type(item) is dict else item
    return next(part for part in parts if type(part) is Call)


def _is_plain(value: Any, held: Any, depth: int = 0) -> bool:
    """Whether a value is plain data, in which `held` cannot be, nor anything that leads to it."""
    kind = type(value)
    if kind in _PLAIN:
        return True
    if kind in (list, tuple, dict, set, frozenset):
        if value is held or depth > _DEEP or len(value) > _MANY:
            return False
        parts = [*value, *value.values()] if kind is dict else value
        return _PLAIN.issuperset(map(type, parts)) or all(_is_plain(part, held, depth + 1) for part in parts)
    if hasattr(kind, "group_id") or isinstance(value, ray.actor.ActorHandle):
        return True
    return is_array(value) or (kind.__module__ == "numpy" and is_immutable(value))


@functools.lru_cache(maxsize=256)
def _names_in(code: types.CodeType) -> frozenset[str]:
    """The names that a function's code reads, attributes among them."""
    inner = (_names_in(part) for part in code.co_consts if isinstance(part, types.CodeType))
    return frozenset(code.co_names).union(*inner)


def _hooks(kind: type, names: frozenset[str]) -> bool:
    """Whether a class has code of its own behind one of these attributes, or behind operators and texts."""
    for name, value in vars(kind).items():
        if name.startswith("__") and name.endswith("__"):
            if name not in _HARMLESS and callable(value) and not name.startswith("__ray_"):
                return True
        elif name in names and hasattr(type(value), "__get__") and not isinstance(value, _METHODS):
            return True
    return False
