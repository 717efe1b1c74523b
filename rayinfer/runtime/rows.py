"""Members that are a part of something: of a tuple, list or dict in the group's list, or the key of a value."""

from __future__ import annotations

from typing import Any

from rayinfer.runtime.calls import Call


class Item:
    """An item of a list that was written out around a `call(...)`: without it, until its ref is known.

    `parts` is a tuple, list or dict with a `place` for the ref; without a place the ref is the item. Where nothing is
    `called`, `parts` is what stands there instead.
    """

    __slots__ = ("called", "is_tuple", "parts", "place")

    def __init__(self, parts: Any, place: Any = None, is_tuple: bool = False, called: bool = True) -> None:
        self.parts = parts
        self.place = place
        self.is_tuple = is_tuple
        self.called = called

    def whole(self, ref: Any) -> Any:
        """What the plain program's list would hold."""
        if self.parts is None:
            return ref
        self.parts[self.place] = ref
        return tuple(self.parts) if self.is_tuple else self.parts


class Under:
    """Stands for the key of a value whose key is the ref of a member."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


def split(item: Any) -> tuple[Call | None, Item]:
    """The one `call(...)` that is an item, or stands in a tuple, list or dict, and the rest of that.

    An item without one is what stands where no call was made. Raises TypeError for an item with several.
    """
    if type(item) is Call:
        return item, Item(None)
    if type(item) in (tuple, list):
        parts: Any = list(item)
        places: list[Any] = [i for i, part in enumerate(parts) if type(part) is Call]
    elif type(item) is dict:
        parts = item
        places = [key for key, part in parts.items() if type(part) is Call]
    else:
        places = []
    if not places:
        return None, Item(item, called=False)
    if len(places) > 1:
        raise TypeError("a group made with rows=True takes tuples, lists or dicts with one call(...) in each")
    call, parts[places[0]] = parts[places[0]], None
    return call, Item(parts, places[0], type(item) is tuple)


def turned(key: Any, value: Any) -> tuple[Any, Any]:
    """A key and its value; where the key is a call, what stands for it, and the call."""
    return (Under(value), key) if type(key) is Call else (key, value)


def fill(into: Any, keys: list[Any], refs: list[Any]) -> None:
    """Put each ref into the dict or list `into` at its key, or as the key of its value, in the order of the program."""
    if any(type(key) is Under for key in keys):
        # It started empty; meanwhile it only told how many there are.
        into.clear()
    for key, ref in zip(keys, refs, strict=True):
        if type(key) is Under:
            into[ref] = key.value
        else:
            into[key] = ref
