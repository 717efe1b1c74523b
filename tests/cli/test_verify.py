"""`rayinfer run --verify-ir`: a program that does not execute what was inferred ends as an internal error."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

PROGRAM = """\
import ray


@ray.remote
def square(x):
    return x * x


def main():
    refs = [square.remote(i) for i in range(4)]
    twice = [square.remote(r) for r in refs]
    print(ray.get(twice))


main()
"""
# A compiler whose inferred graph is not what its rewritten program does.
WRONG = """\
import sys
from dataclasses import replace
from rayinfer import compiler
from rayinfer.ir.nodes import Map, Some

right = compiler.compile_source

def wrong(*args):
    found = right(*args)
    (graph,) = found.graphs
    items = list(graph.items)
    items[0] = replace(items[0], width="5")
    return replace(found, graphs=(replace(graph, items=tuple(items)),))

compiler.compile_source = wrong
from rayinfer_cli.main import main
main(["run", "--backend", "inline", *sys.argv[1:]])
"""


def test_a_mismatch_is_an_internal_error_after_the_output(
    tmp_path: Path, python: Callable[..., subprocess.CompletedProcess[bytes]]
) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    done = python("-c", WRONG, "--verify-ir", "program.py")
    assert done.stdout == b"[0, 1, 16, 81]\n"
    assert done.returncode == 70
    text = done.stderr.decode()
    assert "program.py: internal error: what was executed is not what was inferred" in text
    assert "report it on its issue tracker" in text
    assert "is no instance of %0 refs = Map(square, 5, (i)): it has 4 members, and 5 is 5" in text
    assert "inferred:\nmain:  # line 9\n  %0 refs = Map(square, 5, (i))  # line 10\n" in text
    assert "executed:\nmain:  # line 9\n  %1 = Map(square, 4, (0, ..))  # line 10\n" in text
    assert "  %2 = Map(square, 4, (each %1))  # line 11\n  evaluate dead=[%1, %2]  # line 12\n" in text


def test_nothing_is_checked_unless_asked(
    tmp_path: Path, python: Callable[..., subprocess.CompletedProcess[bytes]]
) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    done = python("-c", WRONG, "program.py")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"[0, 1, 16, 81]\n", b"")


def test_the_exit_code_is_the_scripts_own_where_both_agree(
    tmp_path: Path, command: Callable[..., subprocess.CompletedProcess[bytes]]
) -> None:
    (tmp_path / "program.py").write_text(f"{PROGRAM}raise SystemExit(7)\n")
    done = command("run", "--backend", "inline", "--verify-ir", "program.py")
    assert (done.returncode, done.stdout, done.stderr) == (7, b"[0, 1, 16, 81]\n", b"")


def test_ir_that_was_written_by_hand_is_not_held_against_what_was_inferred(
    tmp_path: Path, command: Callable[..., subprocess.CompletedProcess[bytes]]
) -> None:
    by_hand = "print(ri.evaluate(ri.Map(square, None, [ri.call(1), ri.call(2)])) is None)\n"
    (tmp_path / "program.py").write_text(f"import rayinfer.inferred as ri\n{PROGRAM}{by_hand}")
    done = command("run", "--backend", "inline", "--verify-ir", "program.py")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"[0, 1, 16, 81]\nFalse\n", b"")
