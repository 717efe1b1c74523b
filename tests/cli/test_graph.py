"""`rayinfer graph`: a drawing on standard output, and what it says about input that has none."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Command = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.mark.parametrize(
    ("arguments", "first"),
    [([], b"flowchart TD"), (["--format", "dot"], b"digraph"), (["--format", "html"], b"<!doctype")],
)
def test_it_draws_a_file(command: Command, plain: Path, arguments: list[str], first: bytes) -> None:
    done = command("graph", plain.name, *arguments)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(first)
    assert b"Map square" in done.stdout
    assert done.stdout.endswith(b"\n")


def test_it_reads_standard_input(command: Command, plain: Path) -> None:
    assert command("graph", "-", stdin=plain.read_bytes()).stdout == command("graph", plain.name).stdout


def test_a_file_without_ray_is_said_and_is_no_error(command: Command, tmp_path: Path) -> None:
    (tmp_path / "none.py").write_text("print(1)\n")
    done = command("graph", "none.py")
    assert (done.returncode, done.stderr) == (0, b"none.py: nothing to do: the file does not use Ray\n")
    assert b"no group was inferred" in done.stdout


def test_bad_input_is_one_sentence_and_exit_2(command: Command, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("import ray\nx = (\n")
    done = command("graph", "bad.py")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"bad.py:2:")
    for arguments in (["missing.py"], ["."], [], ["a.py", "b.py"], ["bad.py", "--format", "png"]):
        done = command("graph", *arguments)
        assert (done.returncode, done.stdout) == (2, b"")
        assert b"Traceback" not in done.stderr
    assert b"name the file" in command("graph", ".").stderr
