"""The benchmark suite in its short form: every workload once, all its variants giving the same result."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.suite import report
from benchmarks.suite.driver import goes_on, measure
from benchmarks.suite.report import MISSED, Measured
from benchmarks.suite.stream import keeps_up
from benchmarks.suite.workload import CORES, Bench, Workload
from benchmarks.suite.workloads import ALL, by_name
from tests.environment import connected_node

# Workloads that differ in their sizes alone are one here, and so are those of the same scripts.
DISTINCT = {
    (one.variants["plain"], one.variants["rewritten"]): one for one in reversed(ALL) if one.name != "stream-tick"
}


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """This process as the driver of a cluster whose address other processes find in RAY_ADDRESS."""
    import ray

    with connected_node(CORES), pytest.MonkeyPatch.context() as patch, contextlib.closing(Bench()) as made:
        patch.setenv("RAY_ADDRESS", ray.get_runtime_context().gcs_address)
        yield made


@pytest.mark.parametrize("workload", DISTINCT.values(), ids=lambda workload: workload.name)
def test_all_variants_give_the_same_result(workload: Workload, bench: Bench) -> None:
    again = int(workload.connects)  # A whole script does not run twice in one process.
    figures = measure(bench, workload, "tiny", rounds=again)
    assert set(figures) == set(workload.variants)
    assert all(one["first"] > 0 and len(one["values"]) == again for one in figures.values())


def test_a_variant_that_gives_another_result_is_found(bench: Bench) -> None:
    right = by_name("tiny-5000")
    variants = {"plain": right.variants["plain"], "floor": lambda bench, n: lambda: n}
    wrong = Workload("wrong", "a wrong one", variants, right.full, right.tiny)
    with pytest.raises(AssertionError, match="wrong, floor: got 50, not 40425"):
        measure(bench, wrong, "tiny", rounds=0)


def test_a_backlog_that_grows_is_not_sustained() -> None:
    assert keeps_up([90.0, 30.0, 31.0, 30.0, 32.0, 31.0, 30.0, 29.0], 0.1)
    assert not keeps_up([30.0, 60.0, 90.0, 120.0, 150.0, 180.0, 210.0, 240.0], 0.1)


def measured(plain: float, rewritten: float, hand: float) -> Measured:
    figures = {"plain": plain, "rewritten": rewritten, "hand": hand}
    return Measured("w", {name: {"first": one, "values": [one, 2 * one, one]} for name, one in figures.items()})


@pytest.mark.parametrize(
    ("plain", "rewritten", "hand", "missed"),
    [
        (1.0, 1.0, 1.0, []),
        (1.0, 1.1, 1.0, ["misses 0.95x"]),
        (3.0, 2.0, 1.0, ["misses 1.25 times by hand"]),
        (1.0, 2.0, 1.0, ["misses 0.95x", "misses 1.25 times by hand"]),
    ],
)
def test_what_misses_its_target_is_red(plain: float, rewritten: float, hand: float, missed: list[str]) -> None:
    workload = Workload("w", "a workload", {}, {}, {}, limit=1.25)
    one = measured(plain, rewritten, hand)
    assert report.misses(workload, one) == missed
    text = report.markdown([workload], [one], 0.5)
    assert (MISSED in text) == bool(missed)
    assert f"{plain / rewritten:.2f}x" in text
    assert text.startswith("0 of 1" if missed else "1 of 1 workloads reach their targets.\n")


def test_short_turns_go_on_for_a_while() -> None:
    def turns(seconds: float, rounds: int = 7, least: float = 20.0, most: float = 60.0) -> int:
        return next(done for done in range(100) if not goes_on(done, rounds, done * seconds, least, most))

    assert [turns(seconds) for seconds in (0.01, 1.0, 3.0, 20.0, 100.0)] == [35, 20, 7, 4, 1]
    assert turns(0.01, least=0.0) == 7


def test_what_ran_apart_is_compared_by_its_median() -> None:
    one = measured(2.0, 1.0, 4.0)
    assert one.ratio("hand") == 0.5
    one.variants["hand"]["values"] = [8.0]
    assert one.ratio("hand") == 0.25


def test_a_workload_that_failed_is_red() -> None:
    workload = Workload("w", "a workload", {}, {}, {})
    one = Measured("w", {}, "exit code 1: it is broken")
    assert f"{MISSED} failed" in report.table([workload], [one])
    assert "Not reached: a workload (failed)." in report.summary([workload], [one])


def test_the_results_are_written(tmp_path: Path) -> None:
    workload = Workload("w", "a workload", {}, {}, {})
    readme = tmp_path / "README.md"
    readme.write_text(f"# a\n\n{report.MARKERS[0]}\nold\n{report.MARKERS[1]}\n\nb\n")
    text = report.write_results(tmp_path, [workload], [measured(2.0, 1.0, 1.0)], 0.5)
    report.update_readme(readme, text)
    assert readme.read_text() == f"# a\n\n{report.MARKERS[0]}\n{text}{report.MARKERS[1]}\n\nb\n"
    assert (tmp_path / "suite.md").read_text() == text
    rows = json.loads((tmp_path / "suite.json").read_text())["workloads"]
    assert rows[0]["variants"]["rewritten"] == {"first": 1.0, "values": [1.0, 2.0, 1.0]}
    assert (tmp_path / "suite.png").stat().st_size > 1000
