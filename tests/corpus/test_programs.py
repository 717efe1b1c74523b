"""Every corpus program gives the same plain and rewritten: inline, deferred, and by both backends on a cluster."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from unittest import mock

import pytest

from rayinfer.compiler import Compiled, compile_source
from tests.cases import running
from tests.corpus.golden import PROGRAMS, ROOT

# Fewer actors than by default, since each is a process; the first two have the defaults of a benchmark.
ARGUMENTS = {
    "corpus/stream_mapreduce/plain.py": "--nodes 3 --cpus-per-node 2 --maps 2 --iterations 4 --tick 0.02".split(),
    "corpus/wordcount/plain.py": "--nodes 3 --cpus-per-node 2 --iterations 3 --files 20 --tick 0.02 --check".split(),
    "corpus/actor_pool/plain.py": ["--actors", "2"],
    "corpus/batch_prediction/plain.py": ["--actors", "2"],
    "corpus/counters/plain.py": ["--counters", "2"],
    "corpus/kmeans/plain.py": ["--blocks", "2"],
    "corpus/sync_parameter_server/plain.py": ["--workers", "2"],
}
# The other two run on a cluster in test_same_results.py, as processes of their own.
ON_THE_SHARED_CLUSTER = [program for program in PROGRAMS if not re.search("stream_mapreduce|wordcount", program)]
Outcome = tuple[int, list[str]]


@functools.cache
def compiled(program: str) -> Compiled:
    """The program through the compiler, named by its path in the project."""
    return compile_source((ROOT / program).read_bytes(), program)


def steady(outcome: tuple[int, str]) -> Outcome:
    """The outcome without the lines that depend on time."""
    status, output = outcome
    return status, [line for line in output.splitlines() if not line.startswith("latency")]


@functools.cache
def plain_inline(program: str) -> Outcome:
    """What the plain program gives in this process."""
    return steady(running.plain_inline(ROOT / program, ARGUMENTS.get(program, [])))


@pytest.mark.parametrize("program", PROGRAMS)
def test_inline(program: str) -> None:
    status, lines = plain_inline(program)
    assert (status, len(lines) > 1) == (0, True), lines
    result, arguments = compiled(program), ARGUMENTS.get(program, [])
    assert steady(running.rewritten_inline(result, ROOT / program, arguments)) == (status, lines)
    assert steady(running.rewritten_deferred(result, ROOT / program, arguments)) == (status, lines)


@pytest.fixture(scope="module")
def connected(address: str) -> Iterator[None]:
    """This process as a driver of the package's cluster; the programs' own `ray.init()` find it connected."""
    import ray

    ray.init(address=address, log_to_driver=False, logging_level="error")
    again = functools.partial(ray.init, ignore_reinit_error=True)
    with mock.patch.object(ray, "init", again):
        yield
    ray.shutdown()


@pytest.mark.cluster
@pytest.mark.slow
@pytest.mark.usefixtures("connected")
@pytest.mark.parametrize("program", ON_THE_SHARED_CLUSTER)
def test_on_a_cluster(program: str) -> None:
    expected = plain_inline(program)
    result, arguments = compiled(program), ARGUMENTS.get(program, [])
    assert steady(running.plain_cluster(ROOT / program, arguments)) == expected
    for backend in ("group", "vanilla"):
        assert steady(running.rewritten_cluster(result, ROOT / program, arguments, backend)) == expected, backend
