"""The work of the compiler grows with the length of a file, not with its square; long files are parsed in pieces."""

from __future__ import annotations

import ast
import gc
import sys
from collections import Counter
from types import FrameType

import pytest

from benchmarks.growth import HEAD, SHAPES, text_of
from rayinfer.compiler import compile_source
from rayinfer.source import pieces
from rayinfer.source.module import parse
from rayinfer.source.pieces import cuts_of, parse_in_pieces


def calls(data: bytes) -> Counter[str]:
    """How often each of our functions, and each of Python's own, is called to compile a file."""
    found: Counter[str] = Counter()

    def count(frame: FrameType, event: str, argument: object) -> None:
        if event == "call":
            found[frame.f_code.co_qualname if sys.version_info >= (3, 11) else frame.f_code.co_name] += 1
        elif event == "c_call":
            found[getattr(argument, "__name__", "?")] += 1

    sys.setprofile(count)
    try:
        compile_source(data, "generated.py")
    finally:
        sys.setprofile(None)
    return found


@pytest.mark.parametrize("shape", SHAPES)
def test_ten_times_the_lines_are_ten_times_the_work(shape: str) -> None:
    compile_source(text_of(shape, 100), "generated.py")  # what is done once in a process
    short, long = calls(text_of(shape, 120)), calls(text_of(shape, 1200))
    assert sum(long.values()) < 11 * sum(short.values())
    # No single function runs away either, as far as it is called often enough to tell.
    assert {name: (short[name], count) for name, count in long.items() if count > 14 * max(short[name], 100)} == {}


SEVERAL = '''\
"""A docstring."""
from __future__ import annotations
import ray

# A comment before a task.
@ray.remote
# Another one before its definition.
def f(x):
    return x
    # The last line of a body.
# Not indented, and before the next statement.

  # Indented by nobody.
class C:
    @property
    def p(self): return 1

if ray: x = 1; y = 2
x = 1; y = """
several
lines"""

for i in range(3):
    pass
else:
    refs = [f.remote(i) for i in range(3)]
\x0c
try:
    pass
finally:
    z = (1,
2)
values = ray.get(refs)
'''


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("end", ["", "# The end.", "  # The end.\n\n", "    \n"])
def test_pieces_are_the_whole(monkeypatch: pytest.MonkeyPatch, newline: str, end: str) -> None:
    text = (HEAD + SEVERAL.replace("from __future__ import annotations\n", "") * 12 + end).replace("\n", newline)
    whole = compile_source(text.encode(), "p.py")
    assert whole.changed and whole.groups
    monkeypatch.setattr(pieces, "LONG", 10)
    for size in range(1, 40, 3):
        monkeypatch.setattr(pieces, "PIECE", size)
        assert compile_source(text.encode(), "p.py") == whole


@pytest.mark.parametrize("indent", ["\t", "  ", "   "])
def test_pieces_without_indentation_say_nothing_of_it(monkeypatch: pytest.MonkeyPatch, indent: str) -> None:
    monkeypatch.setattr(pieces, "LONG", 10)
    monkeypatch.setattr(pieces, "PIECE", 20)
    text = f"def g():\n{indent}return 1\n" + "x = 1\n" * 50 + f"if x:\n{indent}x = 2\n" + "x = 3\n" * 50
    module = parse_in_pieces(text, cuts_of(ast.parse(text)))
    assert module is not None and module.code == text


def test_pieces_that_do_not_fit_are_not_put_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "LONG", 10)
    monkeypatch.setattr(pieces, "PIECE", 5)
    mixed = "if 1:\n  x = 1\n" + "x = 1\n" * 10 + "if 1:\n\tx = 1\n"
    assert parse_in_pieces(mixed, cuts_of(ast.parse(mixed))) is None
    assert parse(mixed.encode(), "p.py").module.code == mixed
    ends = "x = 1\n" * 10 + "x = 1\r\n" * 10
    assert parse_in_pieces(ends, cuts_of(ast.parse(ends))) is None
    assert parse(ends.encode(), "p.py").module.code == ends


def test_a_short_file_is_parsed_as_a_whole() -> None:
    text = "x = 1\n" * 100
    assert parse_in_pieces(text, cuts_of(ast.parse(text))) is None


def test_garbage_is_collected_again_after_a_file() -> None:
    assert gc.isenabled()
    compile_source(text_of("functions", 100), "generated.py")
    assert gc.isenabled()
    gc.disable()
    try:
        compile_source(text_of("functions", 100), "generated.py")
        assert not gc.isenabled()
    finally:
        gc.enable()
