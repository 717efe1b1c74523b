"""Line starts of a text, by Python's own line endings."""

from __future__ import annotations

import re

# str.splitlines also splits on form feeds and Unicode separators, which do not end a line of Python.
NEWLINE = re.compile(r"\r\n?|\n")


def line_starts(text: str) -> list[int]:
    """The offset of the first character of each line."""
    return [0, *(match.end() for match in NEWLINE.finditer(text))]
