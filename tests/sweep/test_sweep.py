"""A short sweep: files of the installed ray package that submit, and what the sweep itself must notice."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from benchmarks.checks import check_bytes, wrong_with
from benchmarks.sweep import files_of, main, sweep
from rayinfer.compiler import Compiled, compile_source

FILES = 150
PLAIN = b"""import ray


@ray.remote
def f(x):
    return x


refs = [f.remote(i) for i in range(4)]
print(ray.get(refs))
print(f.remote(1))
"""


def submitting() -> list[Path]:
    """Files of ray that contain `.remote(`, smallest first: as many as fit a test."""
    found = [path for path in files_of("ray") if b".remote(" in path.read_bytes()]
    return sorted(found, key=lambda path: (path.stat().st_size, str(path)))[:FILES]


def test_ray_itself() -> None:
    paths = submitting()
    results = [checked.result for checked in sweep(paths, 2)]
    assert sorted(result.path for result in results) == sorted(map(str, paths))
    assert [(result.path, result.failures) for result in results if result.failures] == []
    assert any(result.rewritten for result in results)
    assert all(result.source_error is None for result in results)


def test_files_that_are_no_python_are_counted_and_are_no_failure(tmp_path: Path) -> None:
    path = tmp_path / "old.py"
    path.write_text("print 'x'\n")
    result = check_bytes(path.read_bytes(), str(path))
    assert result.source_error is not None and result.failures == []


def broken(compiled: Compiled, **changes: object) -> list[str]:
    """What the checks say of an outcome with some parts replaced."""
    return list(wrong_with(dataclasses.replace(compiled, **changes)))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def compiled() -> Compiled:
    """A right outcome."""
    result = compile_source(PLAIN, "p.py")
    assert result.changed and list(wrong_with(result)) == []
    return result


def test_notices_a_changed_line(compiled: Compiled) -> None:
    assert "belongs to no group" in broken(compiled, output=compiled.output.replace(b"return x", b"return y"))[0]


def test_notices_a_lost_line(compiled: Compiled) -> None:
    lines = compiled.output.splitlines(keepends=True)
    at = lines.index(b"print(f.remote(1))\n")
    line_map = compiled.line_map[:at] + compiled.line_map[at + 1 :]
    found = broken(compiled, output=b"".join(lines[:at] + lines[at + 1 :]), line_map=line_map)
    assert any("is lost" in one for one in found)


def test_notices_output_that_does_not_parse(compiled: Compiled) -> None:
    assert any(
        "does not parse" in one for one in broken(compiled, output=compiled.output.replace(b"range(4)", b"range(4"))
    )


def test_notices_a_submission_left_out(compiled: Compiled) -> None:
    assert broken(compiled, groups=compiled.groups[:-1]) == ["line 11: 1 submissions, 0 listed"]


def test_notices_a_submission_listed_twice(compiled: Compiled) -> None:
    assert "line 11: 1 submissions, 2 listed" in broken(compiled, groups=(*compiled.groups, compiled.groups[-1]))


def test_notices_a_line_map_of_another_length(compiled: Compiled) -> None:
    assert "line map has" in broken(compiled, line_map=compiled.line_map[:-1])[0]


def test_notices_a_line_map_that_goes_back(compiled: Compiled) -> None:
    assert "line map goes backwards" in broken(compiled, line_map=(3, *compiled.line_map[1:]))


def test_exit_code_and_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "p.py").write_bytes(PLAIN)
    assert main([str(tmp_path), "--jobs", "1"]) == 0
    assert "rewritten 1, not Python 0, failures 0" in capsys.readouterr().out
