"""Compiles every file of packages and checks the outcome: `python -m benchmarks.sweep [PACKAGE_OR_PATH...]`."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.checks import FileResult, check_bytes
from benchmarks.results import write_json
from rayinfer_cli.cache import Cache, open_cache
from rayinfer_cli.inputs import read_file
from rayinfer_cli.workers import Died, cpus, results

RESULTS = Path(__file__).resolve().parent / "results" / "sweep.json"
DEFAULT = ("ray",)
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


@dataclass(frozen=True)
class Checked:
    """A file's result, whether it was kept from an earlier sweep, and the process that gave it with its peak memory."""

    result: FileResult
    cached: bool = False
    process: int = 0
    peak_kib: int = 0


def sweep(paths: Iterable[Path], jobs: int, cache: Cache | None = None) -> Iterator[Checked]:
    """The checked outcome of each file, in order, from `jobs` processes.

    A file that ends its process is a failure of that file alone.
    """
    names = [str(path) for path in paths]
    for name, checked in zip(names, results(_Checking(cache), names, jobs), strict=True):
        if isinstance(checked, Died):
            yield Checked(FileResult(name, failures=[checked.reason]))
        else:
            yield checked
    if cache is not None:
        cache.trim()


@dataclass(frozen=True)
class _Checking:
    """Checks a file, in whichever process."""

    cache: Cache | None

    def __call__(self, path: str) -> Checked:
        others: dict[str, bytes | None] = {}

        def read(other: str) -> bytes | None:
            if other not in others:
                others[other] = read_file(other)
            return others[other]

        data = Path(path).read_bytes()
        kept = self.cache.get(path, data, read_file) if self.cache is not None else None
        result = kept if isinstance(kept, FileResult) else check_bytes(data, path, read)
        if self.cache is not None and result is not kept:
            self.cache.put(path, data, others, result)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return Checked(result, result is kept, os.getpid(), peak)


def summary(checked: Sequence[Checked], wall: float) -> dict[str, Any]:
    """The figures of one package: counts of files and groups, refusals by code, seconds and MiB."""
    files = [each.result for each in checked]
    peaks: dict[int, int] = {}
    for each in checked:
        peaks[each.process] = max(peaks.get(each.process, 0), each.peak_kib)
    groups: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for result in files:
        groups.update(result.groups)
        refused.update(result.refused)
    slowest = sorted(files, key=lambda result: -result.seconds)[:SLOWEST]
    return {
        "files": len(files),
        "lines": sum(result.lines for result in files),
        "with_ray": sum(result.uses_ray for result in files),
        "rewritten": sum(result.rewritten for result in files),
        "source_errors": sum(result.source_error is not None for result in files),
        "failures": sum(bool(result.failures) for result in files),
        "inferred": dict(groups.most_common()),
        "refused": dict(sorted(refused.items())),
        "from_cache": sum(each.cached for each in checked),
        "wall_seconds": round(wall, 1),
        # Of the last minute, over all processors: what else the machine does makes a sweep longer.
        "load": round(os.getloadavg()[0], 1),
        "compile_seconds": round(sum(result.seconds for result in files), 1),
        "peak_mib": max(peaks.values(), default=0) // 1024,
        "peak_mib_of_all": sum(peaks.values()) // 1024,
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
        f"  {figures['wall_seconds']} s in all under a load of {figures['load']},"
        f" {figures['compile_seconds']} s of compiling on one processor,"
        f" {figures['from_cache']} files from the cache,"
        f" peak {figures['peak_mib']} MiB a process, {figures['peak_mib_of_all']} MiB together"
    )
    for slow in figures["slowest"]:
        print(f"    {slow['seconds']:6.2f} s  {slow['lines']:6d} lines  {slow['path']}")


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def versions() -> dict[str, str]:
    """The versions that figures depend on."""
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
    parser.add_argument("--jobs", type=int, default=cpus())
    parser.add_argument("--no-cache", action="store_true", help="check every file anew")
    parser.add_argument("--write", action="store_true", help=f"write the figures to {RESULTS.name}")
    options = parser.parse_args(arguments)
    here = Path(__file__).parent
    cache = None if options.no_cache else open_cache(here, modules=("benchmarks",))
    report: dict[str, Any] = {}
    failed = 0
    for name in options.packages:
        begin = time.perf_counter()
        checked = list(sweep(files_of(name), options.jobs, cache))
        report[name] = summary(checked, time.perf_counter() - begin)
        _print(name, report[name])
        for each in checked:
            failed += bool(each.result.failures)
            for failure in each.result.failures:
                print(f"  FAILED {each.result.path}: {failure}", file=sys.stderr)
    if options.write:
        machine = {"system": platform.system(), "machine": platform.machine(), "cpus": os.cpu_count()}
        _write({"versions": versions(), "machine": machine, "jobs": options.jobs}, report)
    return 1 if failed else 0


def _write(about: dict[str, Any], report: dict[str, Any]) -> None:
    """Keep the figures of packages that were checked anew, and beside them of those that came from the cache."""
    content = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    if {name: content.get(name) for name in about} != about:
        content = {**about, "cold": {}, "cached": {}}
    for name, figures in report.items():
        if figures["from_cache"] in (0, figures["files"]):
            content["cached" if figures["from_cache"] else "cold"][name] = figures
        else:
            print(f"{name}: some files came from the cache and some did not, so the figures are not written")
    write_json(RESULTS, content)


if __name__ == "__main__":
    sys.exit(main())
