"""Small programs made to go wrong, run plain and rewritten: sections `#### what is tried` of the files in `attacks`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rayinfer.compiler import compile_source
from tests.cases import running
from tests.cases.golden import HERE

_PREAMBLE = """\
import ray
import contextlib
import functools


@ray.remote
def f(x=0, *rest, **kw):
    return (x, *rest) if rest else x


@ray.remote
def add(x, y=1):
    return x + y


@ray.remote
def boom(x):
    raise ValueError(x)


@ray.remote
def count(refs, *more):
    return len(refs), more


@ray.remote
class A:
    def __init__(self, i=0):
        self.i = i
        self.seen = []

    def add(self, *k):
        self.seen.extend(k)
        return len(self.seen)

    def read(self):
        return self.seen


"""
_SITE = re.compile(r"(?<!\bray)\.\s*remote\)?\s*\(")
_HANDED_ON = re.compile(r"\.remote,")


def _sections() -> list[tuple[str, str]]:
    found = []
    for file in sorted((HERE / "attacks").glob("*.txt")):
        for section in re.split(r"(?m)^#### ", file.read_text(encoding="utf-8"))[1:]:
            name, _, body = section.partition("\n")
            found.append((name, body))
    return found


@pytest.mark.parametrize(("name", "body"), _sections(), ids=lambda value: value if "\n" not in value else "")
def test_program_runs_the_same(name: str, body: str, tmp_path: Path) -> None:
    case = tmp_path / "attack.py"
    case.write_text(_PREAMBLE + body)
    result = compile_source(case.read_bytes(), case.name)
    assert compile_source(result.output, case.name).output == result.output
    # Of what is handed on, as to `map`, only what is inferred is a group.
    sites, handed_on = len(_SITE.findall(body)), len(_HANDED_ON.findall(body))
    assert sites <= len(result.groups) <= sites + handed_on
    plain = running.plain_inline(case)
    assert plain[1]
    assert "uncaught" not in plain[1]
    assert running.rewritten_inline(result, case) == plain
    assert running.rewritten_deferred(result, case) == plain
    if any(text in result.output for text in (b"ri.tiled(", b"*ri.each(", b"num_returns=", b"ri.later(")):
        assert running.rewritten_bundled(result, case) == plain
