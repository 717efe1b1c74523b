"""The study's two figures again: plain Ray, the hand-written IR and the rewritten plain program, side by side."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.measure import ROOT, Run, Size, measured_cluster, run_variant, write_variants
from benchmarks.report import figures, table, update_readme, write_results

# Plain Ray falls behind the tick at the large sizes, where every further tick only adds to its queue: fewer there.
FULL = (
    Size("8 KB", 8_000, 160),
    Size("80 KB", 80_000, 160),
    Size("0.8 MB", 800_000, 160),
    Size("4 MB", 4_000_000, 80),
    Size("16 MB", 16_000_000, 32),
)
QUICK = (Size("0.8 MB", 800_000, 60, timeout=60.0), Size("16 MB", 16_000_000, 24, timeout=75.0))


def measure(sizes: Sequence[Size], rounds: int, programs: dict[str, Path], fresh: bool = True) -> list[Run]:
    """Runs every program at every size, in alternating order over the rounds, saying how far it is.

    With `fresh` each size gets a cluster of its own, which costs about ten seconds each.
    """
    total, done = len(sizes) * rounds * len(programs), 0
    runs: list[Run] = []
    batches = [[size] for size in sizes] if fresh else [list(sizes)]
    for batch in batches:
        say(f"starting a cluster for {', '.join(size.label for size in batch)} ...")
        with measured_cluster() as (address, traffic):
            for size in batch:
                for turn in range(rounds):
                    order = list(programs) if turn % 2 == 0 else list(reversed(programs))
                    for variant in order:
                        run = run_variant(address, traffic, variant, programs[variant], size)
                        runs.append(run)
                        done += 1
                        result = run.error or f"mean latency {np.mean(run.steady()):.1f} ms"
                        say(f"[{done}/{total}] {size.label}, {variant}: {result} ({run.seconds:.0f} s)")
    return runs


def say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {line}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two sizes, few ticks; prints the table, writes nothing")
    parser.add_argument("--rounds", type=int, default=2, help="runs of each program at each size")
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        programs = write_variants(Path(folder))
        if args.quick:
            runs = measure(QUICK, 1, programs, fresh=False)
            print("\n" + table(figures(runs, QUICK, list(programs))))
        else:
            runs = measure(FULL, args.rounds, programs)
            text = write_results(args.output, runs, FULL, list(programs))
            if args.output == parser.get_default("output"):
                update_readme(ROOT / "README.md", text)
            print("\n" + text)
    # A slow run is a result; a wrong one is not.
    return 1 if any(run.error and run.error.startswith("exit code") for run in runs) else 0


if __name__ == "__main__":
    sys.exit(main())
