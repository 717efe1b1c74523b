"""What a file's report says: nodes, dependencies, evaluation points, and the verifier's rules."""

from __future__ import annotations

import pytest

from rayinfer.compiler import compile_source, explain_json, explain_text
from rayinfer.ir.graph import Evaluation, Graph, VerifierError, verify
from rayinfer.ir.nodes import Argument, Each, Map

_PROGRAM = b"""\
import ray


@ray.remote
def f(*values):
    return values


@ray.remote
class A:
    def take(self, *values):
        return values


def main():
    shared = f.remote(0)
    first = [f.remote(shared, i) for i in range(4)]
    second = [f.remote(x) for x in first]
    crossed = [f.remote(x, y) for x in first for y in second]
    actors = [A.remote() for _ in range(2)]
    taken = [a.take.remote(*second) for a in actors]
    ray.get([a.take.remote() for a in actors])
    return ray.get(taken), len(crossed), ray.get(f.remote(1))
"""


def test_dependencies_by_kind() -> None:
    found = {
        (group["name"], group["node"]): [(one["kind"], one["on"]) for one in group["depends"]]
        for group in explain_json(compile_source(_PROGRAM, "program.py"))["groups"]
    }
    assert found == {
        ("shared", "Broadcast"): [("none", None)],
        ("first", "Map"): [("broadcast", "shared")],
        ("second", "Map"): [("one-to-one", "first")],
        ("crossed", "Map"): [("group", "first"), ("group", "second")],
        ("actors", "InitActors"): [("none", None)],
        ("taken", "ReduceActors"): [("all-to-all", "second")],
        (None, "MapActors"): [("one-to-one", "actors")],
        (None, "Call"): [("none", None)],
    }


def test_every_group_is_followed_by_an_evaluation() -> None:
    entry = explain_json(compile_source(_PROGRAM, "program.py"))
    assert [one["reason"] for one in entry["evals"]] == ["ray.get", "in place: ray.get"]


def test_text_says_how_much_was_inferred() -> None:
    text = explain_text(compile_source(_PROGRAM, "program.py"))
    assert "7 of 8 submissions inferred" in text
    assert "hint: " in text


def test_verifier_refuses_what_is_not_evaluated_and_unknown_operands() -> None:
    lone = Map(0, "x", "f", None)
    with pytest.raises(VerifierError, match="no evaluation"):
        verify(Graph("main", 1, (lone,)))
    taken = Map(1, "y", "f", None, (Argument(Each((7,))),))
    with pytest.raises(VerifierError, match="%7"):
        verify(Graph("main", 1, (taken, Evaluation(1, "end"))))
    with pytest.raises(VerifierError, match="share a number"):
        verify(Graph("main", 1, (lone, lone, Evaluation(1, "end"))))
