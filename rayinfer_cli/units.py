"""Bytes as people write and read them."""

from __future__ import annotations

import re

UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}


def bytes_of(text: str) -> int | None:
    """How many bytes `16MB`, `0.5 GiB` or `100` are; None for what is no size."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([A-Z]*)", text.strip().upper())
    return round(float(found[1]) * UNITS[found[2]]) if found is not None and found[2] in UNITS else None


def in_bytes(count: int) -> str:
    """A number of bytes in the largest unit that it fills, as `16.0 MB`."""
    for unit in ("TB", "GB", "MB", "KB"):
        if count >= UNITS[unit]:
            return f"{count / UNITS[unit]:.1f} {unit}"
    return f"{count} B"
