"""`rayinfer simulate`: where the inferred groups would go on a cluster, and the bytes moved, under several policies."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rayinfer_cli.compiling import Batch, debug_option, nothing_to_do
from rayinfer_cli.tables import table
from rayinfer_cli.terminal import BAD_INPUT, CLEAN, note, write_text
from rayinfer_cli.units import bytes_of, in_bytes

if TYPE_CHECKING:
    from rayinfer.placement import ClusterView
    from rayinfer.placement.simulation import Outcome
    from rayinfer.placement.workload import MissingSizes, Work


@click.command("simulate")
@click.argument("path", metavar="SCRIPT")
@click.option("--nodes", type=click.IntRange(1), required=True, metavar="N", help="Nodes of the cluster.")
@click.option("--cpus", type=click.IntRange(1), required=True, metavar="M", help="Logical CPUs of each node.")
@click.option("--set", "values", multiple=True, metavar="TEXT=INT", help="An expression of the IR, or a group's width.")
@click.option(
    "--size", "sizes", multiple=True, metavar="[GROUP=]BYTES", help="A result of a group (or of any), as 16MB."
)
@click.option("--function", metavar="NAME", help="Only the groups of this function.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of what is drawn at random.")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
@debug_option
def command(
    path: str,
    nodes: int,
    cpus: int,
    values: tuple[str, ...],
    sizes: tuple[str, ...],
    function: str | None,
    seed: int,
    style: str,
    debug: bool,
) -> int:
    """Place the groups inferred from SCRIPT on a cluster of N nodes with M CPUs, without one, and without running it.

    Each loop is placed once. Widths that are expressions need a value, as --set args.reducers=5, and results that
    another group takes need a size, as --size batch=16MB; a group goes by its name or its number (--set %3=20).
    """
    from rayinfer.placement import ClusterView, NodeView
    from rayinfer.placement.workload import MissingSizes, Sizes, workload

    if Path(path).is_dir():
        raise click.UsageError(f"{path} is a folder, and a simulation is of one file; name the file.")
    given = Sizes(dict(map(_value, values)), dict(map(_size, sizes)))
    view = ClusterView(tuple(NodeView(f"node{number}", cpus) for number in range(nodes)))
    batch = Batch((path,), debug)
    for source, compiled in batch:
        if not compiled.uses_ray:
            nothing_to_do(source)
        graphs = [graph for graph in compiled.graphs if function in (None, graph.function)]
        if function is not None and not graphs:
            known = ", ".join(graph.function for graph in compiled.graphs) or "none at all"
            raise click.UsageError(f"no group was inferred in a function {function!r}; there are groups in {known}.")
        try:
            found = [_Simulated(g.function, g.line, workload(g, given, seed), view, seed) for g in graphs]
        except MissingSizes as missing:
            note(_missing(path, missing))
            return BAD_INPUT
        if style == "json":
            write_text(json.dumps(_report(path, nodes, cpus, found), indent=2))
        else:
            write_text("\n\n".join(_text(one, nodes, cpus) for one in found) or f"{path}: no group was inferred")
    return BAD_INPUT if batch.failures else CLEAN


class _Simulated:
    """One function's groups, and what each policy makes of them; `optimum` is in bytes, None where it is not known."""

    def __init__(self, function: str, line: int, works: Sequence[Work], view: ClusterView, seed: int) -> None:
        from rayinfer.placement.optimum import optimum
        from rayinfer.placement.simulation import POLICIES, simulate

        self.function, self.line, self.works = function, line, works
        self.outcomes: dict[str, Outcome] = {policy: simulate(works, view, policy, seed) for policy in POLICIES}
        self.optimum = optimum(works, view)


def _value(text: str) -> tuple[str, int]:
    name, _, value = text.rpartition("=")
    if not name or not value.strip().isdigit():
        raise click.UsageError(f"--set {text}: give an expression and its value, as --set args.reducers=5.")
    return name.strip(), int(value)


def _size(text: str) -> tuple[str, int]:
    name, _, size = text.rpartition("=")
    found = bytes_of(size)
    if found is None:
        raise click.UsageError(f"--size {text}: give a group and the bytes of one result, as --size batch=16MB.")
    return name.strip(), found


def _missing(path: str, missing: MissingSizes) -> str:
    asked = [f"--set {_quoted(f'{text}=N')} (line {line})" for text, line in missing.widths]
    asked += [f"--size {_quoted(f'{name}=BYTES')} (line {line})" for name, line in missing.results]
    return f"{path}: what the program's groups are like is not known before it runs; give {', '.join(asked)}"


def _quoted(text: str) -> str:
    return text if re.fullmatch(r"[\w.%=]+", text) else f"'{text}'"


def _text(found: _Simulated, nodes: int, cpus: int) -> str:
    names = list(found.outcomes)
    rows = []
    for work in found.works:
        ours = found.outcomes["group"]
        rows.append(
            [
                _name(work),
                f"{type(work.group).__name__} {' '.join(str(work.group.task).split())}",
                str(work.line),
                str(work.width),
                _where(ours, work),
                *[in_bytes(outcome.moved[work.number]) for outcome in found.outcomes.values()],
            ]
        )
    total = ["", "all", "", "", "", *[in_bytes(outcome.total) for outcome in found.outcomes.values()]]
    lines = [f"{found.function}: {nodes} nodes, {cpus} CPUs each; each loop once; bytes that cross between nodes"]
    lines.append(
        table(["group", "node", "line", "members", "where they go", *names], [*rows, total], right=(2, 3, 5, 6, 7, 8))
    )
    if found.optimum is not None:
        lines.append(f"the optimum, found by trying every placement: {in_bytes(found.optimum)}")
    return "\n".join(lines)


def _name(work: Work) -> str:
    return f"%{work.number} {work.group.name}" if work.group.name else f"%{work.number}"


def _where(outcome: Outcome, work: Work) -> str:
    """The nodes that a group's members go to, and how many go to each."""
    counts = _counts(outcome, work)
    if not counts:
        return "on actors that are not in the graph" if work.width else "-"
    least, most = min(counts.values()), max(counts.values())
    each = f"{least}" if least == most else f"{least} to {most}"
    where = f"node{next(iter(counts))}" if len(counts) == 1 else f"{each} on each of {len(counts)} nodes"
    queued = outcome.queued.get(work.number)
    return f"{where}, {queued} queued" if queued else where


def _counts(outcome: Outcome, work: Work) -> dict[int, int]:
    """How many members of a group are on each node, by the node's number."""
    import numpy as np

    places = outcome.places.get(work.number)
    if places is None:
        return {}
    nodes, counts = np.unique(places, return_counts=True)
    return dict(zip(nodes.tolist(), counts.tolist(), strict=True))


def _report(path: str, nodes: int, cpus: int, found: Sequence[_Simulated]) -> dict[str, Any]:
    return {
        "version": 1,
        "path": path,
        "cluster": {"nodes": nodes, "cpus": cpus},
        "functions": [
            {
                "function": one.function,
                "line": one.line,
                "moved": {policy: outcome.total for policy, outcome in one.outcomes.items()},
                "optimum": one.optimum,
                "groups": [_group(one, work) for work in one.works],
            }
            for one in found
        ],
    }


def _group(found: _Simulated, work: Work) -> dict[str, Any]:
    return {
        "number": work.number,
        "name": work.group.name,
        "node": type(work.group).__name__,
        "task": str(work.group.task),
        "line": work.line,
        "members": work.width,
        "bytes": work.size,
        "policies": {
            policy: {
                "moved": outcome.moved[work.number],
                "queued": outcome.queued.get(work.number, 0),
                "members_by_node": {f"node{node}": count for node, count in _counts(outcome, work).items()},
            }
            for policy, outcome in found.outcomes.items()
        },
    }
