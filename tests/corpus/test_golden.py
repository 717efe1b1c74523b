"""The corpus programs are rewritten to exactly what the expected files say; `make golden` writes these anew."""

from __future__ import annotations

import pytest

from rayinfer.compiler import compile_source
from tests.corpus.golden import PROGRAMS, ROOT, expected_files, readme_with_example


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("name", ["expected_ir.txt", "expected_rewrite.py", "expected_remarks.txt"])
def test_the_compiler_gives_the_expected_file(program: str, name: str) -> None:
    assert expected_files(program)[name].decode() == (ROOT / program).with_name(name).read_text()


@pytest.mark.parametrize("program", PROGRAMS)
def test_rewriting_the_rewritten_program_changes_nothing(program: str) -> None:
    once = compile_source((ROOT / program).read_bytes(), program).output
    assert compile_source(once, program).output == once


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_plain_program_has_no_word_of_rayinfer(program: str) -> None:
    text = (ROOT / program).read_text()
    assert "rayinfer" not in text
    assert "rayinfer" in (ROOT / program).with_name("expected_rewrite.py").read_text()


def test_the_readme_shows_what_the_compiler_gives() -> None:
    readme = (ROOT / "README.md").read_text()
    assert "```diff\n---" in readme
    assert readme_with_example(readme) == readme


def test_every_submission_of_the_stream_job_is_inferred() -> None:
    program = PROGRAMS[0]
    groups = compile_source((ROOT / program).read_bytes(), program).groups
    assert [(group.node, group.status) for group in groups] == [
        ("InitActors", "inferred"),
        ("Broadcast", "inferred"),
        ("Map", "inferred"),
        ("Map", "inferred"),
        ("Map", "inferred"),
        ("ReduceActors", "inferred"),
        ("MapActors", "inferred"),
        ("MapActors", "inferred"),
    ]
