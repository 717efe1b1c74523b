"""The corpus programs are rewritten to exactly what the expected files say; `make golden` writes these anew."""

from __future__ import annotations

import pytest

from benchmarks.checks import wrong_with
from rayinfer.compiler import compile_source
from tests.corpus.golden import PROGRAMS, ROOT, STREAM_JOB, expected_files, readme_with_example


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("name", ["expected_ir.txt", "expected_rewrite.py", "expected_remarks.txt"])
def test_the_compiler_gives_the_expected_file(program: str, name: str) -> None:
    assert expected_files(program)[name].decode() == (ROOT / program).with_name(name).read_text()


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_plain_program_has_no_word_of_rayinfer(program: str) -> None:
    assert "rayinfer" not in (ROOT / program).read_text()


@pytest.mark.parametrize("program", PROGRAMS)
def test_nothing_is_wrong_with_the_rewritten_program(program: str) -> None:
    assert list(wrong_with(compile_source((ROOT / program).read_bytes(), program))) == []


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_program_has_a_readme(program: str) -> None:
    title, _, text = (ROOT / program).with_name("README.md").read_text().partition("\n\n")
    assert title.startswith("# ")
    assert text.strip()


def test_the_readme_shows_what_the_compiler_gives() -> None:
    readme = (ROOT / "README.md").read_text()
    assert "```diff\n---" in readme
    assert readme_with_example(readme) == readme


def test_every_submission_of_the_stream_job_is_inferred() -> None:
    groups = compile_source((ROOT / STREAM_JOB).read_bytes(), STREAM_JOB).groups
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
