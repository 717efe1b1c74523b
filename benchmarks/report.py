"""Turns runs of the stream job into figures, a Markdown table, JSON and the study's two plots."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import CPUS_PER_NODE, NODES, Run, Size

BASELINE = "plain Ray"
# The least speed-up of the mean that the rewritten program must show, by data size.
TARGETS = {"8 KB": 1 / 1.05, "0.8 MB": 1.5, "16 MB": 10.0}
BYTES_NOTE = (
    "MB across nodes: what the raylets' object managers received from other nodes (`ray_object_manager_bytes`, "
    "type `Received`) over a whole run, divided by its ticks. Values of up to 100 KB travel inside task messages and "
    "are not in it."
)
BEGIN, END = "<!-- bench-stream:begin -->", "<!-- bench-stream:end -->"


@dataclass(frozen=True)
class Figures:
    """One variant at one size over all its runs; latencies in ms, None where no run came to its end."""

    size: str
    variant: str
    mean: float | None
    p50: float | None
    p99: float | None
    max: float | None
    mb_per_tick: float | None
    speedup: float | None
    target: str
    error: str | None


def pooled(runs: Sequence[Run], size: str, variant: str) -> NDArray[np.float64]:
    """The steady latencies of all finished runs of one variant at one size."""
    parts = [run.steady() for run in runs if run.size == size and run.variant == variant and run.error is None]
    return np.concatenate(parts) if parts else np.array([])


def figures(runs: Sequence[Run], sizes: Sequence[Size], variants: Sequence[str]) -> list[Figures]:
    """One row per size and variant, in that order."""
    rows = []
    for size in sizes:
        baseline = pooled(runs, size.label, BASELINE)
        for variant in variants:
            mine = [run for run in runs if run.size == size.label and run.variant == variant]
            values = pooled(runs, size.label, variant)
            errors = [run.error for run in mine if run.error]
            ticks = sum(run.iterations for run in mine if run.error is None and run.received_bytes is not None)
            received = sum(run.received_bytes or 0.0 for run in mine if run.error is None)
            speedup = float(baseline.mean() / values.mean()) if len(values) and len(baseline) else None
            rows.append(
                Figures(
                    size.label,
                    variant,
                    float(values.mean()) if len(values) else None,
                    float(np.percentile(values, 50)) if len(values) else None,
                    float(np.percentile(values, 99)) if len(values) else None,
                    float(values.max()) if len(values) else None,
                    received / ticks / 1e6 if ticks else None,
                    speedup,
                    verdict(size.label, variant, speedup),
                    errors[0].splitlines()[0] if errors else None,
                )
            )
    return rows


def verdict(size: str, variant: str, speedup: float | None) -> str:
    """How the rewritten program stands to its target at this size; empty where there is none."""
    if variant != "rewritten" or size not in TARGETS:
        return ""
    target = TARGETS[size]
    if speedup is None:
        return f"not measured (target {target:.2f}x)"
    return f"{'meets' if speedup >= target else '**MISSES**'} {target:.2f}x"


def table(rows: Sequence[Figures]) -> str:
    """A Markdown table that also reads well on a terminal."""
    head = ["data size", "program", "mean ms", "p50", "p99", "max", "MB across nodes / tick", "vs plain", "target"]
    body = []
    for row in rows:
        numbers = [f"{value:.1f}" if value is not None else "-" for value in (row.mean, row.p50, row.p99, row.max)]
        traffic = f"{row.mb_per_tick:.2f}" if row.mb_per_tick is not None else "-"
        speedup = f"{row.speedup:.2f}x" if row.speedup is not None else "-"
        note = "; ".join(part for part in (row.target, row.error) if part)
        body.append([row.size, row.variant, *numbers, traffic, speedup, note])
    return aligned(head, body)


def aligned(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose columns are as wide as what stands in them."""
    widths = [max(len(line[i]) for line in [head, *body]) for i in range(len(head))]
    lines = ["| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in [head, *body]]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def environment(packages: Sequence[str] = ("ray", "numpy", "rayinfer")) -> dict[str, Any]:
    """The versions and the machine a result belongs to."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "date": time.strftime("%Y-%m-%d"),
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30, 1),
        "machine": platform.machine(),
    }


def markdown(rows: Sequence[Figures]) -> str:
    """The table with the lines that say how it was measured."""
    about = environment()
    how = (
        f"{NODES} raylets x {CPUS_PER_NODE} logical CPUs on a machine of {about['cores']} cores, "
        f"{about['memory_gib']} GiB; a batch every 100 ms, first quarter dropped; latency from the tick to the arrival "
        f"at a reducer. {about['date']}, Python {about['python']}, Ray {about['ray']}, NumPy {about['numpy']}, "
        f"rayinfer {about['rayinfer']}."
    )
    return f"{how}\n\n{table(rows)}\n\n{BYTES_NOTE}\n"


def write_results(folder: Path, runs: Sequence[Run], sizes: Sequence[Size], variants: Sequence[str]) -> str:
    """Writes stream.json, stream.md and both plots into `folder`; returns the Markdown."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = figures(runs, sizes, variants)
    text = markdown(rows)
    (folder / "stream.md").write_text(text)
    head = {
        "environment": {**environment(), "nodes": NODES, "cpus_per_node": CPUS_PER_NODE},
        "bytes": BYTES_NOTE,
        "targets": TARGETS,
        "figures": [asdict(row) for row in rows],
    }
    # One line per run keeps the raw latencies compact and a diff readable.
    lines = ",\n  ".join(json.dumps(asdict(run), separators=(",", ":")) for run in runs)
    (folder / "stream.json").write_text(json.dumps(head, indent=1)[:-2] + f',\n "runs": [\n  {lines}\n ]\n}}\n')
    plot_latency(folder / "stream_latency.png", rows, sizes, variants)
    plot_cdf(folder / "stream_cdf.png", runs, sizes[-1], variants)
    return text


def plot_latency(path: Path, rows: Sequence[Figures], sizes: Sequence[Size], variants: Sequence[str]) -> None:
    """Mean latency over data size, both logarithmic, one line per program."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.add_subplot()
    for variant in variants:
        mean = {row.size: row.mean for row in rows if row.variant == variant and row.mean is not None}
        points = [(size.data_bytes / 1e6, mean[size.label]) for size in sizes if size.label in mean]
        axes.plot([x for x, _ in points], [y for _, y in points], marker="o", label=variant)
    axes.set(xscale="log", yscale="log", xlabel="data per map task, MB", ylabel="mean latency, ms")
    axes.set_title("Stream map-reduce: latency over data size")
    axes.grid(alpha=0.3, which="both")
    axes.legend()
    figure.savefig(path, dpi=120)


def plot_cdf(path: Path, runs: Sequence[Run], size: Size, variants: Sequence[str]) -> None:
    """The distribution of latencies at one size, one line per program."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.add_subplot()
    for variant in variants:
        values = np.sort(pooled(runs, size.label, variant))
        axes.plot(values, np.arange(1, len(values) + 1) / max(len(values), 1), label=variant)
    axes.set(xscale="log", xlabel="latency, ms", ylabel="share of batches", ylim=(0, 1))
    axes.set_title(f"Stream map-reduce: latencies at {size.label} per map task")
    axes.grid(alpha=0.3, which="both")
    axes.legend()
    figure.savefig(path, dpi=120)


def update_readme(readme: Path, text: str, markers: tuple[str, str] = (BEGIN, END)) -> None:
    """Puts the Markdown between the README's markers; a README without them is an error."""
    before, begin, rest = readme.read_text().partition(markers[0])
    _, end, after = rest.partition(markers[1])
    if not begin or not end:
        raise ValueError(f"{readme} lacks the markers {markers[0]} and {markers[1]}")
    readme.write_text(f"{before}{begin}\n{text}{end}{after}")
