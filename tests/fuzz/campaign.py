"""A run over many programs: each is judged, failures are made smaller, and what occurred is counted."""

from __future__ import annotations

import gc
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from rayinfer.ir.remarks import RULES
from tests.environment import connected_node
from tests.fuzz.oracle import Verdict, judge, judge_on_cluster
from tests.fuzz.programs import generated, source
from tests.fuzz.reduce import reduced
from tests.fuzz.syntax import Program

# One program in so many defines its helpers, and is compiled twice more than it must be.
ALONE, THOROUGH = 5, 4
# After so many programs there is news.
EVERY = 100
_VARYING = re.compile(r"line \d+: |`[^`]*`|(?<=the effect of calling ).*(?= is not known)")


@dataclass(frozen=True)
class Failure:
    """A program, made smaller, for which something does not hold."""

    kind: str
    text: str
    details: str

    def __str__(self) -> str:
        return f"=== {self.kind}\n{self.text}--- details\n{self.details}"


def _reason(text: str) -> str:
    """Why a region ends, without what differs from program to program."""
    return _VARYING.sub(lambda match: "" if match[0].startswith("line") else "_", text)


@dataclass
class Statistics:
    """What occurred in a run."""

    programs: int = 0
    invalid: int = 0
    changed: int = 0
    ended_well: int = 0
    sites: int = 0
    seconds: float = 0.0
    nodes: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)

    def count(self, verdict: Verdict) -> None:
        """Add one program."""
        self.programs += 1
        self.invalid += not verdict.valid
        if verdict.compiled is None:
            return
        self.changed += verdict.compiled.changed
        self.ended_well += verdict.ended_well
        self.sites += len(verdict.compiled.groups)
        self.nodes.update(group.node for group in verdict.compiled.groups if group.status == "inferred")
        self.ends.update(_reason(end.reason) for end in verdict.compiled.evals)
        self.codes.update(remark.code for remark in verdict.compiled.remarks)

    def __str__(self) -> str:
        groups = sum(self.nodes.values())
        rate = 60 * self.programs / self.seconds if self.seconds else 0
        per_thousand = 1000 / max(self.programs, 1)
        lines = [
            f"{self.programs} programs ({rate:.0f} a minute), {self.invalid} invalid, {self.changed} changed, "
            f"{self.ended_well} came to their end; {groups} of {self.sites} submissions inferred",
            "groups per 1,000 programs: "
            + ", ".join(f"{node} {round(count * per_thousand)}" for node, count in self.nodes.most_common()),
            "remarks: " + ", ".join(f"{code} {count}" for code, count in sorted(self.codes.items())),
            "remarks that did not occur: " + (", ".join(sorted(RULES.keys() - self.codes.keys())) or "none"),
            "region ends:",
            *(f"  {count:6} {reason}" for reason, count in self.ends.most_common()),
        ]
        return "\n".join(lines)


def run(
    count: int, first: int, report: Callable[[Statistics, list[Failure]], None] | None = None
) -> tuple[Statistics, list[Failure]]:
    """Judge the programs of so many seeds; what occurred, and the failures that are different once made smaller.

    `report` is told now and then, and of each failure.
    """
    statistics, failures = Statistics(), dict[str, Failure]()
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        for number in range(first, first + count):
            program = generated(number)
            verdict = judge(source(program, number % ALONE == 0), Path(name), thorough=number % THOROUGH == 0)
            statistics.count(verdict)
            if verdict.failure is not None:
                failure = smallest(program, verdict, Path(name), number)
                failures.setdefault(failure.text, failure)
            statistics.seconds = time.monotonic() - start
            if statistics.programs % EVERY == 0:
                # Ray keeps the classes of every actor ever made: looking through them again takes seconds in the end.
                gc.freeze()
            if report is not None and (statistics.programs % EVERY == 0 or verdict.failure is not None):
                report(statistics, list(failures.values()))
    return statistics, list(failures.values())


def run_on_cluster(count: int, first: int) -> list[Failure]:
    """Judge the programs of so many seeds on a cluster of one node that is started for it; those that fail."""
    failures = []
    with connected_node(), tempfile.TemporaryDirectory() as name:
        for number in range(first, first + count):
            text = source(generated(number, cluster=True), alone=True)
            verdict = judge_on_cluster(text, Path(name))
            if verdict.failure is not None:
                failures.append(Failure(f"{verdict.failure} (seed {number})", text, verdict.details))
    return failures


def smallest(program: Program, verdict: Verdict, folder: Path, number: int) -> Failure:
    """The failure of a program, made smaller for as long as it fails in the same way."""

    def still_fails(candidate: Program) -> bool:
        found = judge(source(candidate, alone=True), folder)
        same_end = found.plain is None or verdict.plain is None or found.plain[0] == verdict.plain[0]
        return found.failure == verdict.failure and same_end

    small = reduced(program, still_fails)
    text = source(small, alone=True)
    found = judge(text, folder)
    return Failure(f"{found.failure or verdict.failure} (seed {number})", text, found.details or verdict.details)
