"""Generated programs print the same, plain and rewritten; some hundreds here, more by `make fuzz`."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings

from tests.fuzz.campaign import run, run_on_cluster
from tests.fuzz.oracle import judge
from tests.fuzz.programs import programs, source
from tests.fuzz.syntax import Program

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


@pytest.mark.timeout(600)
@settings(max_examples=20, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs())
def test_what_hypothesis_makes_of_the_same_choices_is_the_same_rewritten(
    tmp_path_factory: pytest.TempPathFactory, program: Program
) -> None:
    verdict = judge(source(program, alone=True), tmp_path_factory.getbasetemp(), thorough=False)
    assert verdict.failure is None, verdict.details


@pytest.mark.cluster
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_generated_programs_are_the_same_on_a_cluster() -> None:
    failures = run_on_cluster(ON_A_CLUSTER, first=int(os.environ.get("FUZZ_SEED", "0")))
    assert not failures, "\n".join(map(str, failures))
