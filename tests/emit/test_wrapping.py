"""Lines that a rewrite makes longer than the file's own are broken, and nothing else changes."""

from __future__ import annotations

import ast

import pytest

from benchmarks.checks import wrong_with
from rayinfer.compiler import compile_source
from rayinfer.emit.wrapping import wrap

HEAD = "import ray\n\n\n@ray.remote\ndef f(x, y=0):\n    return x\n\n\n"
BODY = "refs = [f.remote({0}, y=({0} + 1)) for number in range(4)]\nprint(ray.get(refs), len(refs))\n"


def rewritten(text: str) -> str:
    result = compile_source(text.encode(), "p.py")
    assert result.changed
    assert list(wrong_with(result)) == []
    return result.output.decode()


@pytest.mark.parametrize("name", ["a_name_of_some_length", "ein_längerer_name_für_etwas"])
def test_arguments_stand_on_lines_of_their_own(name: str) -> None:
    output = rewritten(HEAD + f"{name} = 3\n" + BODY.format(name))
    call = f"(ri.call({name}, y=({name} + 1)) for number in range(4))"
    rows = "".join(f"        {row},\n" for row in ("f", "None", call))
    assert f"refs = ri.evaluate(\n    ri.Map(\n{rows}    )\n)\n" in output


def test_lines_that_the_file_itself_has_are_long_enough() -> None:
    output = rewritten(HEAD + f"# {'wide ' * 23}\n" + BODY.format("abcdefgh"))
    assert (
        "refs = ri.evaluate(ri.Map(f, None, (ri.call(abcdefgh, y=(abcdefgh + 1)) for number in range(4))))\n" in output
    )


def test_line_ends_and_tabs_are_the_files_own() -> None:
    text = HEAD + "def main():\n    a_name_of_some_length = 3\n    " + BODY.format("a_name_of_some_length")
    output = rewritten(text.replace("\n    print", "\nprint").replace("    ", "\t").replace("\n", "\r\n"))
    assert "\trefs = ri.Map(\r\n\t\tf,\r\n\t\tNone,\r\n\t\t(ri.call(" in output
    assert output.count("\n") == output.count("\r\n")


@pytest.mark.parametrize(
    "line",
    [
        'print(f"{len(ri.get(ri.Map(f, None, (ri.call(number, y=number + 1) for number in range(100)))))} refs")',
        "text = '''\n ri.Map(f, None, ri.call(one_argument_and_then_another_one), ri.call(one_argument_and_then))'''",
        "print('ri.Map(an, argument, and, another, argument, of, a, call, that, is, no, call, but, some, text)')",
    ],
)
def test_strings_stay_as_they_are(line: str) -> None:
    text = f"import rayinfer.inferred as ri\n{line}\n"
    line_map = tuple(range(1, text.count("\n") + 2))
    assert wrap(text, line_map, "ri", "") == (text, line_map)


def test_each_new_line_stands_for_the_old_one() -> None:
    call = "ri.call(abcdefgh, ijklmnop, qrstuvwxyz)"
    text = (
        f"x = 1\ny = max(ri.get(ri.Map(f, ({call} for number in (1, 2, 3)), more, *others, **named)), key=len)\nz = 1\n"
    )
    output, line_map = wrap(text, (1, 5, 9, 9), "ri", "")
    assert ast.dump(ast.parse(output)) == ast.dump(ast.parse(text))
    assert max(map(len, output.splitlines())) <= 88
    assert sorted(set(line_map)) == [1, 5, 9]
    assert len(line_map) == len(output.split("\n"))
