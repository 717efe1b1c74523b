"""Tables in the terminal."""

from __future__ import annotations

import io
from collections.abc import Collection, Sequence


def table(headers: Sequence[str], rows: Sequence[Sequence[str]], right: Collection[int] = ()) -> str:
    """The rows under their headers, columns aligned, those numbered in `right` to the right; no line is wrapped."""
    from rich.console import Console
    from rich.table import Table

    made = Table(box=None, pad_edge=False, padding=(0, 1))
    for number, header in enumerate(headers):
        made.add_column(header, justify="right" if number in right else "left", no_wrap=True)
    for row in rows:
        made.add_row(*row)
    out = io.StringIO()
    Console(file=out, width=10_000, color_system=None, markup=False, highlight=False, emoji=False).print(made)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())
