"""`rayinfer run --stats` and `--trace`: what is shown and written of a run once it is over."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

from rayinfer_cli.tables import table
from rayinfer_cli.terminal import note
from rayinfer_cli.units import in_bytes
from rayinfer_cli.writing import WriteError, write_atomically

if TYPE_CHECKING:
    from rayinfer.runtime.observer import Observer
    from rayinfer.runtime.stats import Site

HEADERS = ["line", "group", "groups", "members", "mode", "why", "tasks", "nodes", "ran s", "ms/member", "moved"]
NUMBERS = (0, 2, 3, 6, 7, 8, 9, 10)


def report(script: str, stats: bool, trace: str | None) -> bool:
    """Print the table and write the trace of a script that has ended; whether the trace could be written."""
    # Ray, and all that imports it, is the script's own to import first.
    if "ray" not in sys.modules:
        note(f"{script}: no Ray was used: there is nothing to show")
    observer = _collected() if "ray" in sys.modules else None
    if stats and observer is not None:
        note(_table(script, observer))
    if trace is None:
        return True
    made: dict[str, Any] = {"traceEvents": []}
    if observer is not None:
        from rayinfer.runtime.trace import chrome_trace

        made = chrome_trace(observer, script)
    try:
        write_atomically(trace, json.dumps(made).encode(), trace)
    except WriteError as error:
        note(str(error))
        return False
    return True


def _collected() -> Observer:
    """The observer of the run, which has asked Ray for what it knows."""
    from rayinfer.runtime import regions
    from rayinfer.runtime.observer import Observer

    # In a script in which nothing was rewritten, there are Ray's own events all the same.
    observer = regions.observer if regions.observer is not None else Observer()
    observer.collect()
    return observer


def _table(script: str, observer: Observer) -> str:
    from rayinfer.runtime.stats import sites

    found = sites(observer)
    if not found:
        return f"{script}: no group was submitted"
    text = table(HEADERS, [_row(site, script) for site in found], NUMBERS)
    if observer.unrecorded:
        text += f"\nof {observer.unrecorded} more tasks it was not followed what became of them"
    return text


def _row(site: Site, script: str) -> list[str]:
    elsewhere = f"{os.path.basename(site.path)}:" if os.path.basename(site.path) != os.path.basename(script) else ""
    failed = f", {site.failed} failed" if site.failed else ""
    return [
        f"{elsewhere}{site.line}",
        f"{site.kind} {site.name}",
        str(site.groups),
        str(site.members),
        site.mode,
        site.why,
        f"{site.tasks}{failed}" if site.tasks else "-",
        str(len(site.nodes)) if site.nodes else "-",
        f"{site.seconds:.3f}" if site.timed else "-",
        f"{site.seconds / site.timed * 1e3:.2f}" if site.timed else "-",
        in_bytes(site.moved) if site.nodes else "-",
    ]
