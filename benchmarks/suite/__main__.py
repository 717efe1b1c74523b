"""Runs the suite: `python -m benchmarks.suite [--quick] [NAME...]`; writes results and the README, but a quick one."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.measure import OBJECT_STORE_BYTES
from benchmarks.suite import report
from benchmarks.suite.driver import goes_on
from benchmarks.suite.workload import CPUS_PER_NODE, ROOT, VARIANTS, Workload, command, plain_environment
from benchmarks.suite.workloads import ALL, by_name
from rayinfer.runtime.local_cluster import LocalCluster

QUICK_ROUNDS = 2
# Of a workload that has run so long no further turn is begun, in seconds.
ENOUGH, QUICK_ENOUGH = 60.0, 4.0
# Turns of short runs go on until they took this long: the machine's noise is as large as what is to be seen.
LEAST = 20.0
# Its processes and threads would take from the others' time: it has a driver of its own, and the floor to compare its
# results with.
DASK = "dask"


def measure(
    workloads: Sequence[Workload], quick: bool = False, without: Sequence[str] = ()
) -> Iterator[report.Measured]:
    """The figures of the workloads as they come, each on a cluster of the size it asks for, saying how far it is."""
    count = 0
    for nodes, cpus in CPUS_PER_NODE.items():
        chosen = [workload for workload in workloads if workload.nodes == nodes]
        if not chosen:
            continue
        say(f"starting {nodes} {'node' if nodes == 1 else 'nodes'} of {cpus} CPUs ...")
        cluster = LocalCluster(nodes, cpus, OBJECT_STORE_BYTES)
        try:
            for workload in chosen:
                start = time.monotonic()
                one = measure_one(workload, cluster.address, quick, without)
                took, count = time.monotonic() - start, count + 1
                say(f"[{count}/{len(workloads)}] {report.line(workload, one)} ({took:.0f} s)")
                yield one
        finally:
            cluster.stop()


def measure_one(workload: Workload, address: str, quick: bool = False, without: Sequence[str] = ()) -> report.Measured:
    """One workload on the cluster at an address."""
    rounds = min(workload.rounds, QUICK_ROUNDS) if quick else workload.rounds
    limit, least = (QUICK_ENOUGH, 0.0) if quick else (ENOUGH, LEAST)
    options = ["--seconds", str(limit), "--least", str(least), *_leaving_out([*without, DASK])]
    try:
        if not workload.fresh:
            figures = _driver(workload, address, rounds, 0, options)
            if DASK in workload.variants and DASK not in without:
                others = [name for name in VARIANTS if name not in (DASK, "floor")]
                figures[DASK] = _driver(workload, address, 1, 0, _leaving_out(others))[DASK]
            return report.Measured(workload.name, figures)
        turns: list[dict[str, Any]] = []
        start = time.monotonic()
        while goes_on(len(turns), rounds, time.monotonic() - start, least, limit):
            turns.append(_driver(workload, address, 0, len(turns), options))
    except (subprocess.TimeoutExpired, RuntimeError) as error:
        return report.Measured(workload.name, {}, str(error))
    merged = {
        name: {"first": turns[0][name]["first"], "values": [turn[name]["first"] for turn in turns]} for name in turns[0]
    }
    return report.Measured(workload.name, merged)


def _leaving_out(names: Sequence[str]) -> list[str]:
    return [part for name in names for part in ("--without", name)]


def _driver(workload: Workload, address: str, rounds: int, turn: int, options: Sequence[str]) -> dict[str, Any]:
    arguments = [workload.name, "--rounds", str(rounds), "--turn", str(turn), *options]
    done = subprocess.run(
        command("benchmarks.suite.driver", *arguments),
        env={**plain_environment(), "RAY_ADDRESS": address},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=1800,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode != 0:
        raise RuntimeError(f"exit code {done.returncode}: {done.stderr[-2000:]}")
    # Ray's own threads may write lines of theirs as the driver ends.
    told = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not told:
        raise RuntimeError(f"no figures: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    figures: dict[str, Any] = json.loads(told[-1])
    return figures


def say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {line}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="workloads to run; of others, what is recorded stays")
    parser.add_argument("--without", action="append", default=[], choices=VARIANTS, help="a variant to leave out")
    parser.add_argument("--quick", action="store_true", help="fewer workloads and rounds, no dask: prints only")
    parser.add_argument("--list", action="store_true", help="name the workloads and end")
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results")
    args = parser.parse_args()
    if args.list:
        print("\n".join(f"{one.name:20} {one.title}" for one in ALL))
        return 0
    try:
        named = [by_name(name) for name in args.names]
    except ValueError as error:
        parser.error(str(error))
    load = os.getloadavg()[0]
    workloads = named or [one for one in ALL if one.quick or not args.quick]
    recorded = {} if args.quick else report.recorded(args.output)
    found = []
    for one in measure(workloads, args.quick, [*args.without, *(["dask"] if args.quick else [])]):
        found.append(one)
        if one.error or args.quick:
            continue
        # At once: what was measured is not lost with what comes after it.
        recorded[one.name] = one
        shown = [workload for workload in ALL if workload.name in recorded]
        text = report.write_results(args.output, shown, [recorded[workload.name] for workload in shown], load)
        if args.output == parser.get_default("output"):
            report.update_readme(ROOT / "README.md", text)
    measured = {one.name: one for one in found}
    print("\n" + report.markdown(workloads, [measured[workload.name] for workload in workloads], load))
    for one in found:
        if one.error:
            print(f"{one.name}: {one.error}", file=sys.stderr)
    # A slow run is a result; a wrong one is not.
    return 1 if any(one.error for one in found) else 0


if __name__ == "__main__":
    sys.exit(main())
