"""Which chains fuse, and which must not."""

from __future__ import annotations

import pytest

from rayinfer.passes.fusion import Group, chains


def group(key: int, *sources: int, **changes: object) -> Group:
    made = Group(key, 4, "plain", dict.fromkeys(sources, True), dead=True)
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def test_a_chain_of_three_fuses_whole() -> None:
    assert chains([group(0), group(1, 0), group(2, 1, dead=False)]) == [[0, 1, 2]]


def test_a_live_middle_splits_the_chain() -> None:
    assert chains([group(0), group(1, 0, dead=False), group(2, 1)]) == [[0, 1]]


@pytest.mark.parametrize(
    "groups",
    [
        pytest.param([group(0, dead=False), group(1, 0)], id="the first is live"),
        pytest.param([group(0, width=3), group(1, 0)], id="widths differ"),
        pytest.param([group(0, fusible=None), group(1, 0)], id="the first may not be fused"),
        pytest.param([group(0), group(1, 0, fusible=None)], id="the second may not be fused"),
        pytest.param([group(0), group(1, 0, fusible="two CPUs")], id="options differ"),
        pytest.param([group(0), group(1, sources={0: False})], id="not one-to-one"),
        pytest.param([group(0), group(1, 0, late=True)], id="the second waits for something else"),
        pytest.param([group(0), group(1), group(2, 0, fusible=None), group(3, 0)], id="two consumers"),
        pytest.param([group(0), group(9, sources={}), group(1, sources={0: True, 9: False})], id="another input"),
    ],
)
def test_what_must_not_fuse(groups: list[Group]) -> None:
    assert chains(groups) == []


def test_an_input_that_the_first_takes_too_does_not_hinder() -> None:
    shared = group(9, fusible=None, dead=False)
    assert chains([shared, group(0, sources={9: False}), group(1, sources={0: True, 9: False})]) == [[0, 1]]


def test_one_of_two_producers_fuses() -> None:
    assert chains([group(0), group(5, 0, fusible=None), group(1), group(2, 1)]) == [[1, 2]]
