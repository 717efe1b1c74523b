"""Every pattern's examples: valid ones become the node that they name, invalid ones stay, with the code they name."""

from __future__ import annotations

import pytest

from rayinfer.compiler import Compiled, compile_source
from rayinfer.ir.remarks import RULES
from rayinfer.patterns import (
    ahead,
    append_loop,
    comprehension,
    dropped,
    grids,
    held,
    joining,
    loop,
    passed,
    single,
    slots,
    stretches,
)

_PATTERNS = (ahead, append_loop, comprehension, dropped, grids, held, joining, loop, passed, single, slots, stretches)
_MADE_BY = {"ahead": "ahead", "stretches": "later"}
_PREAMBLE = """\
import ray

ray.init()


@ray.remote
def f(*args, **kwargs):
    return args


@ray.remote
def step(x):
    return x


@ray.remote
def noisy(x):
    print(x)
    return x


@ray.remote(num_returns=2)
def pair(x):
    return x, x


@ray.remote
class Counter:
    def __init__(self, start=0):
        self.n = start

    def add(self, k=1):
        self.n += k

    def read(self):
        return self.n


names = ["a", "bc"]
queue = [1, 2, 3]
given = {"num_cpus": 1}
"""
_LINES = _PREAMBLE.count("\n")
_VALID = [(p.__name__.rpartition(".")[2], *example) for p in _PATTERNS if p is not passed for example in p.VALID]
_INVALID = [(p.__name__.rpartition(".")[2], *example) for p in _PATTERNS for example in p.INVALID]


def _compile(example: str) -> Compiled:
    return compile_source((_PREAMBLE + example + "\n").encode(), "example.py")


@pytest.mark.parametrize(("pattern", "example", "node"), _VALID)
def test_valid_example_becomes_its_node(pattern: str, example: str, node: str) -> None:
    result = _compile(example)
    assert node in [group.node for group in result.groups if group.status == "inferred"]
    assert not [group for group in result.groups if group.status == "refused"]
    assert f"ri.{_MADE_BY.get(pattern, node)}(".encode() in result.output


@pytest.mark.parametrize(("example", "call"), passed.VALID)
def test_value_of_valid_example_is_passed_on(example: str, call: str) -> None:
    result = _compile(example)
    assert "RI002" in [remark.code for remark in result.remarks]
    assert any(e.passed for graph in result.graphs for e in graph.evaluations())
    assert f"ri.{call}(".encode() in result.output


@pytest.mark.parametrize(("pattern", "example", "code"), _INVALID)
def test_invalid_example_is_left_alone(pattern: str, example: str, code: str) -> None:
    result = _compile(example)
    missed = [remark for remark in result.remarks if remark.kind == "missed"]
    assert code in [remark.code for remark in missed]
    assert all(remark.line > _LINES for remark in missed)
    refused = {remark.line for remark in missed if remark.code == code}
    before, after = result.source.decode().splitlines(), set(result.output.decode().splitlines())
    assert all(before[line - 1] in after for line in refused)


@pytest.mark.parametrize("pattern", _PATTERNS, ids=lambda pattern: pattern.__name__.rpartition(".")[2])
def test_pattern_has_examples_and_known_codes(pattern: object) -> None:
    assert pattern.VALID  # type: ignore[attr-defined]
    assert pattern.INVALID  # type: ignore[attr-defined]
    assert all(RULES[code].kind == "missed" for _, code in pattern.INVALID)  # type: ignore[attr-defined]
