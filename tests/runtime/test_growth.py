"""Containers on attributes: which ones wait for their refs, and where these go when another thread takes one."""

from __future__ import annotations

import types
from collections import deque
from typing import Any

import pytest

from rayinfer.runtime import callees
from rayinfer.runtime.calls import Call
from rayinfer.runtime.growth import Growth, _is_plain
from rayinfer.runtime.regions import Region


class Owner:
    def __init__(self, refs: Any) -> None:
        self.refs = refs


class Group:
    """As much of a node as a container asks for."""

    kind, task, rows, owner = "Map", None, None, 0

    def __init__(self) -> None:
        self.refs: list[Any] = []
        self.size = 0
        self.direct = False

    def append(self, _call: Call) -> None:
        self.size += 1

    def to(self, growth: Growth, owner: Any, name: str) -> Growth:
        return growth.at(owner, name)


def waits(owner: Any) -> bool:
    """Whether a container waits for its refs."""
    node: Any = Group()
    node.to(Growth(node, Region()), owner, "refs")
    return not node.direct


def test_what_only_an_attribute_holds_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callees, "tell", lambda *_: None)
    assert all(waits(Owner(make())) for make in (list, dict))
    refs: list[Any] = []
    assert not waits(Owner(refs))
    del refs
    owner = Owner([])
    view = iter(owner.refs)
    assert not waits(owner)
    del view
    assert waits(owner)
    assert not any(waits(Owner(made)) for made in (deque(), (), None, types.SimpleNamespace()))
    assert not waits(types.SimpleNamespace(refs=[]))


def test_refs_go_where_another_thread_left_a_new_list() -> None:
    node: Any = Group()
    region, owner = Region(), Owner([])
    growth = Growth(node, region)
    node.to(growth, owner, "refs").append(Call(1))
    taken, owner.refs = owner.refs, []
    node.refs.append("ref")
    growth.settle()
    assert (taken, owner.refs) == ([], ["ref"])


def test_what_may_lead_to_the_container_is_not_plain() -> None:
    held: list[Any] = []
    nested: list[Any] = []
    nested.append(nested)
    assert all(_is_plain(value, held) for value in (1, "a", [1, (2, {3: None})], {1, 2}))
    assert not any(_is_plain(value, held) for value in (held, [held], {1: (held,)}, nested, Owner(held), print, Owner))
