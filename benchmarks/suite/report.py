"""Turns the suite's figures into ratios, a Markdown table, JSON, a plot and the README's section."""

from __future__ import annotations

import datetime
import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import report as stream_report
from benchmarks.suite.workload import BASELINE, CORES, CPUS_PER_NODE, VARIANTS, Workload

MARKERS = ("<!-- bench:begin -->", "<!-- bench:end -->")
MISSED = "\N{LARGE RED CIRCLE}"


@dataclass(frozen=True)
class Measured:
    """What one workload gave: per variant its first figure and those that count, or an error."""

    name: str
    variants: dict[str, dict[str, Any]]
    error: str | None = None
    date: str = field(default_factory=lambda: datetime.date.today().isoformat())

    def median(self, variant: str) -> float | None:
        """The median figure of a variant; None where it was not measured."""
        values = self.variants.get(variant, {}).get("values")
        return statistics.median(values) if values else None

    def ratios(self, variant: str, base: str = BASELINE) -> list[float]:
        """How many times less than of `base` the figure of `variant` is, turn by turn (on median, if it ran apart)."""
        if variant not in self.variants or base not in self.variants:
            return []
        ours, base_values = self.variants[variant]["values"], self.variants[base]["values"]
        if len(ours) != len(base_values):
            return [statistics.median(base_values) / statistics.median(ours)] if ours and base_values else []
        return [theirs / mine for theirs, mine in zip(base_values, ours, strict=True)]

    def ratio(self, variant: str, base: str = BASELINE) -> float | None:
        """The median of the ratios turn by turn, which what else the machine does disturbs least."""
        found = self.ratios(variant, base)
        return statistics.median(found) if found else None


def misses(workload: Workload, measured: Measured) -> list[str]:
    """What the workload was to reach and does not, in a few words each."""
    if measured.error:
        return ["failed"]
    found = []
    ratio, by_hand = measured.ratio("rewritten"), measured.ratio("rewritten", "hand")
    if ratio is not None and ratio < workload.target:
        found.append(f"misses {workload.target:g}x")
    if workload.limit is not None and by_hand is not None and 1 / by_hand > workload.limit:
        found.append(f"misses {workload.limit:g} times by hand")
    return found


def verdict(workload: Workload, measured: Measured) -> str:
    """How a workload stands to its target, in red where it is missed."""
    missed = misses(workload, measured)
    if missed:
        return f"{MISSED} {'; '.join(missed)}"
    return f"meets {workload.target:g}x"


def line(workload: Workload, measured: Measured) -> str:
    """One line that says how a workload went."""
    if measured.error:
        return f"{workload.name}: {measured.error.splitlines()[-1]}"
    figures = ", ".join(f"{name} {figure(measured.median(name), workload.unit)}" for name in measured.variants)
    return f"{workload.name}: {figures}; {verdict(workload, measured)}"


def figure(value: float | None, unit: str) -> str:
    """A figure with its unit, seconds below one as milliseconds."""
    if value is None:
        return "-"
    if unit == "s":
        value, unit = (value, "s") if value >= 1 else (value * 1e3, "ms")
    return f"{value:.3g} {unit}" if value < 1000 else f"{value:.0f} {unit}"


def times(ratios: Sequence[float]) -> str:
    """The median of ratios with their least and largest."""
    if not ratios:
        return "-"
    return f"{statistics.median(ratios):.2f}x ({min(ratios):.2f}-{max(ratios):.2f})"


def table(workloads: Sequence[Workload], found: Sequence[Measured]) -> str:
    """One row per workload: the figures of all variants, the ratios of the rewritten one, its target."""
    head = ["workload", *VARIANTS, "vs plain", "vs hand", "target"]
    body = []
    for workload, one in zip(workloads, found, strict=True):
        figures = [figure(one.median(variant), workload.unit) for variant in VARIANTS]
        by_hand = one.ratio("rewritten", "hand")
        hand = f"{by_hand:.2f}x" if by_hand is not None else "-"
        body.append([workload.title, *figures, times(one.ratios("rewritten")), hand, verdict(workload, one)])
    return stream_report.aligned(head, body)


def summary(workloads: Sequence[Workload], found: Sequence[Measured]) -> str:
    """One sentence: how many figures reach their targets, and which do not."""
    missed = [
        f"{workload.title} ({'; '.join(misses(workload, one))})"
        for workload, one in zip(workloads, found, strict=True)
        if misses(workload, one)
    ]
    reached = f"{len(found) - len(missed)} of {len(found)} workloads reach their targets."
    return f"{reached} Not reached: {', '.join(missed)}." if missed else reached


def environment(load: float) -> dict[str, Any]:
    """The versions, the machine, and how busy it was."""
    packages = ("ray", "numpy", "distributed", "rayinfer")
    return {**stream_report.environment(packages), "load": round(load, 1), "cpus_per_node": CPUS_PER_NODE}


def markdown(workloads: Sequence[Workload], found: Sequence[Measured], load: float) -> str:
    """The summary and the table with the lines that say how it was measured."""
    about, dates = environment(load), [one.date for one in found]
    when = " to ".join(sorted({min(dates), max(dates)}))
    how = (
        f"Medians of alternating runs within one driver (dask: one run in a driver of its own); ratios turn by turn, "
        f"their median (least-largest), above one where the rewritten program is faster. One node "
        f"has {CORES} CPUs, of five each has {CPUS_PER_NODE[5]}, on a machine of {about['cores']} cores, "
        f"{about['memory_gib']} GiB, whose load was {about['load']} before. "
        f"{when}, Python {about['python']}, Ray {about['ray']}, dask {about['distributed']}, NumPy "
        f"{about['numpy']}, rayinfer {about['rayinfer']}."
    )
    return f"{summary(workloads, found)}\n\n{table(workloads, found)}\n\n{how}\n"


def write_results(folder: Path, workloads: Sequence[Workload], found: Sequence[Measured], load: float) -> str:
    """Writes suite.json, suite.md and the plot into `folder`; returns the Markdown."""
    folder.mkdir(parents=True, exist_ok=True)
    text = markdown(workloads, found, load)
    (folder / "suite.md").write_text(text)
    # One line per workload keeps a diff readable.
    rows = []
    for workload, one in zip(workloads, found, strict=True):
        about = {"title": workload.title, "nodes": workload.nodes, "unit": workload.unit, "target": workload.target}
        rows.append(json.dumps({**about, "misses": misses(workload, one), **asdict(one)}, separators=(",", ":")))
    head = json.dumps({"environment": environment(load)}, indent=1)[:-2]
    (folder / "suite.json").write_text(head + ',\n "workloads": [\n  ' + ",\n  ".join(rows) + "\n ]\n}\n")
    plot(folder / "suite.png", workloads, found)
    return text


def recorded(folder: Path) -> dict[str, Measured]:
    """What suite.json in a folder has of each workload, by name; nothing where there is none."""
    path = folder / "suite.json"
    if not path.exists():
        return {}
    rows = json.loads(path.read_text())["workloads"]
    return {row["name"]: Measured(row["name"], row["variants"], row["error"], row["date"]) for row in rows}


def plot(path: Path, workloads: Sequence[Workload], found: Sequence[Measured]) -> None:
    """The ratio to plain Ray of every variant, one row per workload, logarithmic; a missed target is red."""
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(8, 1.5 + 0.28 * len(workloads)), layout="constrained")
    axes = drawing.add_subplot()
    rows = list(range(len(workloads)))
    for variant, marker in (("hand", "D"), ("dask", "s"), ("floor", "|")):
        points = [(one.ratio(variant), row) for row, one in zip(rows, found, strict=True)]
        shown = [(ratio, row) for ratio, row in points if ratio is not None]
        style = {"marker": marker, "color": "0.55", "zorder": 3}
        axes.scatter([ratio for ratio, _ in shown], [row for _, row in shown], s=22, label=variant, **style)
    for row, workload, one in zip(rows, workloads, found, strict=True):
        ratio = one.ratio("rewritten")
        if ratio is not None:
            missed = bool(misses(workload, one))
            axes.barh(row, ratio - 1, left=1, color="tab:red" if missed else "tab:green", height=0.6)
            spread = one.ratios("rewritten")
            axes.plot([min(spread), max(spread)], [row, row], color="black", linewidth=1)
    axes.set(xscale="log", xlabel="times as fast as plain Ray (bars: rewritten; red: misses its target)")
    axes.set_yticks(rows, [workload.title for workload in workloads], fontsize=8)
    axes.invert_yaxis()
    axes.axvline(1, color="black", linewidth=0.8)
    axes.grid(alpha=0.3, axis="x")
    axes.legend(fontsize=8)
    drawing.savefig(path, dpi=120)


def update_readme(readme: Path, text: str) -> None:
    """Puts the Markdown between the README's markers."""
    stream_report.update_readme(readme, text, MARKERS)
