"""Edits on a text: collected, then applied once, with a map from new lines to old ones."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from rayinfer.source.lines import line_starts


@dataclass(frozen=True, slots=True)
class Edit:
    """Replaces `text[start:end]` by `new`; an insertion has `start == end`."""

    start: int
    end: int
    new: str


def apply(text: str, edits: Sequence[Edit]) -> tuple[str, tuple[int, ...]]:
    """The edited text and, for each of its lines, the line (from 1) of the old text that it comes from.

    Insertions at one place keep the order in which they are given.

    Raises:
        ValueError: when two edits overlap.
    """
    starts = line_starts(text)
    pieces: list[str] = []
    # (offset in the new text, offset in the old text, whether it advances with the new text)
    anchors: list[tuple[int, int, bool]] = []
    old = new = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if edit.start < old:
            raise ValueError(f"edits overlap at offset {edit.start}")
        anchors.append((new, old, True))
        pieces.append(text[old : edit.start])
        new += edit.start - old
        anchors.append((new, max(edit.start - 1, 0) if edit.new.startswith(("\n", "\r")) else edit.start, False))
        pieces.append(edit.new)
        new += len(edit.new)
        old = edit.end
    anchors.append((new, old, True))
    pieces.append(text[old:])
    result = "".join(pieces)
    keys = [anchor[0] for anchor in anchors]
    line_map = []
    for start in line_starts(result):
        at, origin, advances = anchors[bisect_right(keys, start) - 1]
        line_map.append(bisect_right(starts, origin + (start - at if advances else 0)))
    return result, tuple(line_map)
