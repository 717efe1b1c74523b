"""Compiles every file of packages and checks the outcome: `python -m benchmarks.sweep [PACKAGE_OR_PATH...]`."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from benchmarks.checks import FileResult, check_file

RESULTS = Path(__file__).resolve().parent / "results" / "sweep.json"
DEFAULT = ("ray", "numpy", "matplotlib", "hypothesis", "mypy", "pip", "setuptools", "libcst")
SLOWEST = 10


def files_of(name: str) -> list[Path]:
    """The Python files of a path or of an installed package, sorted.

    Raises:
        SystemExit: when there is no such path or package.
    """
    if Path(name).exists():
        root = Path(name)
        return [root] if root.is_file() else sorted(root.rglob("*.py"))
    spec = importlib.util.find_spec(name)
    if spec is None:
        raise SystemExit(f"no path and no installed package is called {name!r}")
    if spec.submodule_search_locations:
        return sorted(path for root in spec.submodule_search_locations for path in Path(root).rglob("*.py"))
    return [Path(spec.origin)] if spec.origin and spec.origin.endswith(".py") else []


def sweep(paths: Iterable[Path], jobs: int) -> Iterator[FileResult]:
    """The checked outcome of each file, as they come, from `jobs` processes.

    A file that ends its process is a failure of that file alone.
    """
    context = get_context("spawn")
    waiting = [str(path) for path in paths]
    waiting.reverse()
    busy: dict[Connection, tuple[Any, str]] = {}

    def hand_out(ours: Connection, process: Any) -> None:
        if waiting:
            busy[ours] = (process, waiting.pop())
            ours.send(busy[ours][1])
        else:
            ours.close()
            process.join()

    def start() -> None:
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs,))
        process.start()
        theirs.close()
        hand_out(ours, process)

    for _ in range(min(jobs, len(waiting))):
        start()
    while busy:
        for ours in wait(list(busy)):
            assert isinstance(ours, Connection)
            process, path = busy.pop(ours)
            try:
                result = ours.recv()
            except (EOFError, ConnectionResetError):
                process.join()
                yield FileResult(path, failures=[f"the process died with exit code {process.exitcode}"])
                ours.close()
                if waiting:
                    start()
            else:
                yield result
                hand_out(ours, process)


def _serve(connection: Connection) -> None:
    while True:
        try:
            path = connection.recv()
        except EOFError:
            return
        connection.send(check_file(path))


def summary(results: Sequence[FileResult], wall: float) -> dict[str, Any]:
    """The figures of one package: counts of files and groups, refusals by code, seconds and MiB."""
    groups: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for result in results:
        groups.update(result.groups)
        refused.update(result.refused)
    slowest = sorted(results, key=lambda result: -result.seconds)[:SLOWEST]
    return {
        "files": len(results),
        "lines": sum(result.lines for result in results),
        "with_ray": sum(result.uses_ray for result in results),
        "rewritten": sum(result.rewritten for result in results),
        "source_errors": sum(result.source_error is not None for result in results),
        "failures": sum(bool(result.failures) for result in results),
        "inferred": dict(groups.most_common()),
        "refused": dict(sorted(refused.items())),
        "wall_seconds": round(wall, 1),
        "compile_seconds": round(sum(result.seconds for result in results), 1),
        "peak_mib": max((result.peak_kib for result in results), default=0) // 1024,
        "slowest": [{"path": _short(r.path), "lines": r.lines, "seconds": round(r.seconds, 2)} for r in slowest],
    }


def _short(path: str) -> str:
    return path.split("site-packages/")[-1]


def _print(name: str, figures: dict[str, Any]) -> None:
    total, refused = sum(figures["inferred"].values()), sum(figures["refused"].values())
    print(f"{name}: {figures['files']} files, {figures['lines']} lines, {figures['with_ray']} that use ray")
    print(f"  rewritten {figures['rewritten']}, not Python {figures['source_errors']}, failures {figures['failures']}")
    print(f"  groups inferred {total}: " + (_counts(figures["inferred"]) or "none"))
    print(f"  submissions refused {refused}: " + (_counts(figures["refused"]) or "none"))
    print(
        f"  {figures['wall_seconds']} s in all, {figures['compile_seconds']} s of compiling,"
        f" peak {figures['peak_mib']} MiB a process"
    )
    for slow in figures["slowest"]:
        print(f"    {slow['seconds']:6.2f} s  {slow['lines']:6d} lines  {slow['path']}")


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in ("rayinfer", "ray", "libcst"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Sweeps the packages, prints the figures, and returns 1 when a check failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sweep", description=__doc__)
    parser.add_argument("packages", nargs="*", default=DEFAULT, help="installed packages, folders or files")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--write", action="store_true", help=f"write the figures to {RESULTS.name}")
    options = parser.parse_args(arguments)
    report: dict[str, Any] = {}
    failed = 0
    for name in options.packages:
        begin = time.perf_counter()
        results = list(sweep(files_of(name), options.jobs))
        report[name] = summary(results, time.perf_counter() - begin)
        _print(name, report[name])
        for result in results:
            failed += bool(result.failures)
            for failure in result.failures:
                print(f"  FAILED {result.path}: {failure}", file=sys.stderr)
    if options.write:
        machine = {"system": platform.system(), "machine": platform.machine(), "cpus": os.cpu_count()}
        content = {"versions": _versions(), "machine": machine, "jobs": options.jobs, "packages": report}
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
