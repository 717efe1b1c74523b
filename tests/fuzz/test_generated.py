"""Generated programs print the same, plain and rewritten; some hundreds here, more by `make fuzz`."""

from __future__ import annotations

import os

import pytest

from tests.fuzz.campaign import run, run_on_cluster

PROGRAMS = 250
ON_A_CLUSTER = 12


@pytest.mark.timeout(600)
def test_generated_programs_are_the_same_rewritten() -> None:
    statistics, failures = run(PROGRAMS, first=int(os.environ.get("FUZZ_SEED", "0")))
    assert not failures, "\n".join(map(str, failures))
    # The generator is worth its time only while most programs are sound and have groups.
    assert statistics.programs >= PROGRAMS
    assert statistics.invalid <= PROGRAMS // 20
    assert statistics.changed >= PROGRAMS // 2
    assert statistics.ended_well >= PROGRAMS // 2
    assert {"Map", "InitActors", "MapActors", "ReduceActors", "Broadcast"} <= statistics.nodes.keys()


@pytest.mark.cluster
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_generated_programs_are_the_same_on_a_cluster() -> None:
    failures = run_on_cluster(ON_A_CLUSTER, first=int(os.environ.get("FUZZ_SEED", "0")))
    assert not failures, "\n".join(map(str, failures))
