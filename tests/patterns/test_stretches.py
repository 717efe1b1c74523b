"""How far stretches reach, and how often a suite is read to find that out."""

from collections.abc import Sequence

import libcst as cst
import pytest

from rayinfer.compiler import compile_source
from rayinfer.patterns import stretches
from rayinfer.patterns.context import Context
from rayinfer.patterns.symbols import Symbols

HEAD = "import ray\n\n@ray.remote\ndef f(x):\n    return x\n\ndef main():\n"
PLAIN = (
    "    refs = []\n",
    "    a{0} = {0}\n",
    "    refs = [f.remote(i) for i in range(4)]\n    print(ray.get(refs))\n",
)
CHAIN = ("    a0 = f.remote(1)\n", "    a{1} = f.remote(a{0})\n", "    print(ray.get(a0))\n")


def _statements_read(shape: tuple[str, str, str], lines: int, monkeypatch: pytest.MonkeyPatch) -> int:
    read = 0

    def counted(context: Context, statements: Sequence[cst.CSTNode]) -> Symbols:
        nonlocal read
        read += len(statements)
        return Symbols(context, statements)

    monkeypatch.setattr(stretches, "Symbols", counted)
    first, each, last = shape
    text = HEAD + first + "".join(each.format(number, number + 1) for number in range(lines)) + last
    compile_source(text.encode(), "long.py")
    return read


@pytest.mark.parametrize("shape", [PLAIN, CHAIN])
def test_a_long_suite_is_not_read_once_per_statement(
    shape: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    short, long = (_statements_read(shape, lines, monkeypatch) for lines in (40, 400))
    assert 0 < long < 20 * short


@pytest.mark.parametrize("length", range(1, 12))
def test_a_stretch_ends_at_the_first_statement_that_does_more(length: int) -> None:
    chain = "".join(f"    a{number + 1} = f.remote(a{number})\n" for number in range(length))
    text = HEAD + "    a0 = f.remote(0)\n" + chain + f"    print(0)\n    print(ray.get(a{length}))\n"
    assert len(compile_source(text.encode(), "long.py").groups) == length + 1
