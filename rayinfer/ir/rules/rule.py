"""What a rule of the registry is, and the definitions that the examples share."""

from __future__ import annotations

from dataclasses import dataclass

# How each example that needs a task, or an actor, starts.
TASK = """\
import ray


@ray.remote
def square(x):
    return x * x


"""
ACTOR = """\
import ray


@ray.remote
class Counter:
    def __init__(self, start=0):
        self.n = start

    def add(self, k):
        self.n += k
        return self.n


"""


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of the registry.

    `kind` is `passed`, `missed`, `analysis`, `runtime` for what a rewritten program logs, or `error` for input that
    cannot be read. `explanation` is one paragraph
    for a user of Ray: what was seen, and which promise forbids to rewrite it. `example` is a whole program on which the
    compiler gives this code, and no other but passed ones. `finding` says whether `rayinfer check` reports it.
    """

    code: str
    kind: str
    title: str
    explanation: str
    example: str
    hint: str
    finding: bool = True
