"""The whole way in a few minutes: the stream job's diff, its inferred IR, and a short comparison with plain Ray."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import CORPUS, CPUS_PER_NODE, NODES, ROOT, write_variants
from benchmarks.report import figures, table
from benchmarks.stream import QUICK, measure


def title(text: str) -> None:
    print(f"\n=== {text}\n", flush=True)


def rayinfer(*arguments: str) -> None:
    """Shows a command line of rayinfer and runs it."""
    print("$ rayinfer " + " ".join(arguments), flush=True)
    subprocess.run([sys.executable, "-m", "rayinfer_cli", *arguments], cwd=ROOT, check=True)


def main() -> int:
    program = str((CORPUS / "plain.py").relative_to(ROOT))
    title("1. What is rewritten: the review diff of a plain Ray program")
    rayinfer("rewrite", program)
    title("2. What was inferred: the IR, its evaluation points and the remarks")
    rayinfer("explain", program)
    title(f"3. What it is good for: {NODES} raylets x {CPUS_PER_NODE} CPUs on this machine, a batch every 100 ms")
    print("Plain Ray, the IR written by hand, and the rewritten plain program; about four minutes.\n", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        programs = write_variants(Path(folder))
        runs = measure(QUICK, 1, programs, fresh=False)
        print("\n" + table(figures(runs, QUICK, list(programs))))
    print("\nLatency runs from a batch's tick to its arrival at a reducer. `make bench-stream` measures all sizes.")
    failures = [run for run in runs if run.error and run.error.startswith("exit code")]
    for run in failures:
        print(f"\n{run.variant} failed at {run.size}: {run.error}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
