"""The object store holds no more of a rewritten program than of the plain one, and nothing of it once that is over."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.object_store import KB, MB, measure
from benchmarks.suite.workload import Bench

pytestmark = [pytest.mark.usefixtures("cluster"), pytest.mark.timeout(240)]
# The promise, and what bookkeeping may add.
MOST, SLACK = 1.1, 256 * KB


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("stream", (2, 8, MB, 2)),
        ("shuffle", (6, 256 * KB)),
        ("constant", (3, 10 * MB, 3)),
        ("ticks", (2, 256 * KB, 10)),
    ],
)
def test_no_more_is_held_than_by_the_plain_program(bench: Bench, name: str, given: tuple[int, ...]) -> None:
    found = measure(bench, name, given, 2)
    plain, rewritten = found["plain"], found["rewritten"]
    assert max(use.left for use in rewritten) <= SLACK
    # What is alive at a time also follows from which of its tasks a busy machine runs first.
    assert min(use.peak for use in rewritten) <= MOST * max(use.peak for use in plain) + SLACK
