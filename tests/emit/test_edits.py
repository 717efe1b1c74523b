"""Edits are applied once, must not overlap, and tell which old line each new one comes from."""

from __future__ import annotations

import pytest

from rayinfer.emit.edits import Edit, apply


def test_edits_are_applied_in_order_of_place() -> None:
    assert apply("abcdef", [Edit(4, 5, "E"), Edit(0, 0, ">"), Edit(1, 2, "")])[0] == ">acdEf"


def test_overlapping_edits_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        apply("abcdef", [Edit(0, 3, "x"), Edit(2, 4, "y")])


def test_an_added_line_maps_to_the_line_before_it() -> None:
    text, lines = apply("a\nb\nc\n", [Edit(3, 3, "\nnew")])
    assert text == "a\nb\nnew\nc\n"
    assert lines == (1, 2, 2, 3, 4)


def test_lines_after_a_removal_map_to_their_own() -> None:
    text, lines = apply("a\nb\nc\nd\n", [Edit(2, 6, "")])
    assert text == "a\nd\n"
    assert lines[1] == 4
