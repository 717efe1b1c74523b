"""`rayinfer rewrite`: diffs that patch takes, files written whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from rayinfer_cli.diff import unified
from rayinfer_cli.rewrite import command as rewrite_command
from rayinfer_cli.writing import WriteError, write_atomically

SINGLE = """\
import ray


@ray.remote
def f():
    return 1


print(ray.get(f.remote()))
"""


def names(folder: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


def test_the_diff_is_printed_and_nothing_is_written(command, plain):
    before = plain.read_bytes()
    done = command("rewrite", "plain.py")
    assert done.returncode == 0
    lines = done.stdout.decode().splitlines()
    assert lines[:2] == ["--- a/plain.py", "+++ b/plain.py"]
    assert "-refs = [square.remote(i) for i in range(4)]" in lines
    assert "\x1b" not in done.stdout.decode()
    assert plain.read_bytes() == before
    assert names(plain.parent) == ["plain.py"]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["unix lines", "windows lines"])
@pytest.mark.parametrize("last", [True, False], ids=["newline at the end", "none at the end"])
@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_the_diff_applies_and_gives_what_write_gives(command, plain, tmp_path, end, last):
    data = plain.read_bytes().replace(b"\n", end)
    data = data if last else data[: -len(end)]
    plain.write_bytes(data)
    diff = command("rewrite", "plain.py").stdout
    written = command("rewrite", "-o", "-", "plain.py").stdout
    assert written != data
    subprocess.run(["git", "apply", "-p1", "--whitespace=nowarn", "-"], input=diff, cwd=tmp_path, check=True)
    assert plain.read_bytes() == written


def test_a_diff_of_another_encoding_keeps_its_bytes():
    diff = unified(b"a = '\xe9'\nb\n", b"a = '\xe9'\nc\n", "x.py")
    assert b" a = '\xe9'\n-b\n+c\n" in diff
    assert unified(b"same", b"same", "x.py") == b""


def test_write_changes_the_file_and_keeps_its_mode(command, plain, tmp_path):
    plain.chmod(0o751)
    expected = command("rewrite", "-o", "-", "plain.py").stdout
    link = tmp_path / "link.py"
    link.symlink_to("plain.py")
    done = command("rewrite", "--write", "link.py")
    assert done.returncode == 0 and done.stdout == b""
    assert link.is_symlink() and plain.read_bytes() == expected
    assert plain.stat().st_mode & 0o7777 == 0o751
    assert names(tmp_path) == ["link.py", "plain.py"]
    again = command("rewrite", "--check", "plain.py")
    assert again.returncode == 0, "rewriting the output changes nothing"


def test_output_beside(command, plain, tmp_path):
    expected = command("rewrite", "-o", "-", "plain.py").stdout
    before = plain.read_bytes()
    assert command("rewrite", "plain.py", "-o", "new.py").returncode == 0
    assert (tmp_path / "new.py").read_bytes() == expected and plain.read_bytes() == before


def test_output_of_a_folder_is_a_folder(command, plain, tmp_path):
    (tmp_path / "in" / "sub").mkdir(parents=True)
    (tmp_path / "in" / ".hidden").mkdir()
    (tmp_path / "in" / "venv").mkdir()
    (tmp_path / "in" / "venv" / "pyvenv.cfg").touch()
    for place in ("in/a.py", "in/sub/b.py", "in/.hidden/c.py", "in/venv/d.py"):
        shutil.copy(plain, tmp_path / place)
    (tmp_path / "in" / "noray.py").write_text("x = 1\n")
    done = command("rewrite", "in", "-o", "out")
    assert done.returncode == 0, done.stderr
    written = sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.py"))
    assert written == ["a.py", "sub/b.py"]


def test_check_tells_and_writes_nothing(command, plain, tmp_path):
    before = plain.read_bytes()
    done = command("rewrite", "--check", "plain.py")
    assert done.returncode == 1 and b"plain.py: would be rewritten" in done.stdout
    assert plain.read_bytes() == before


def test_standard_input(command, plain):
    data = plain.read_bytes()
    done = command("rewrite", "-", stdin=data)
    assert done.returncode == 0 and done.stdout.startswith(b"--- a/<stdin>\n+++ b/<stdin>\n")
    printed = command("rewrite", "-", "-o", "-", stdin=data)
    assert printed.stdout == command("rewrite", "plain.py", "-o", "-").stdout
    assert command("rewrite", "-", "-o", "-", stdin=b"x = 1\n").stdout == b"x = 1\n"


@pytest.mark.parametrize(
    "args",
    [
        ["rewrite"],
        ["rewrite", "--write", "--check", "plain.py"],
        ["rewrite", "--write", "-"],
        ["rewrite", "-o", "x.py", "plain.py", "plain.py"],
        ["rewrite", "--nonsense", "plain.py"],
        ["nonsense"],
        ["run"],
        ["run", "--backend", "fast", "plain.py"],
        ["run", "--backend", "inline", "--local-nodes", "2", "plain.py"],
        ["run", "--cpus-per-node", "2", "plain.py"],
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_2(command, plain, args):
    done = command(*args)
    assert done.returncode == 2 and done.stderr and not done.stdout


BAD_INPUTS = {
    "syntax error": ("bad.py", b"import ray\nx = (1,\n", b"bad.py:2:"),
    "null bytes": ("bad.py", b"import ray\nx = 1\0\n", b"bad.py:"),
    "not utf-8": ("bad.py", b"import ray\nx = '\xe9'\n", b"bad.py:2:"),
    "unknown encoding": ("bad.py", b"# coding: nonsense\nimport ray\n", b"bad.py:"),
    "folder without python": ("folder/readme.txt", b"", b"folder: holds no Python files"),
    "missing": (None, b"", b"missing.py: no such file"),
}


@pytest.mark.parametrize("command_name", ["rewrite", "explain", "check"])
@pytest.mark.parametrize("case", BAD_INPUTS)
def test_bad_input_is_named_and_the_other_files_are_done(command, plain, tmp_path, command_name, case):
    name, data, message = BAD_INPUTS[case]
    if name is not None:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    bad = "missing.py" if name is None else "folder" if "/" in name else name
    alone = command(command_name, bad)
    assert alone.returncode == 2 and message in alone.stderr, alone.stderr
    assert len(alone.stderr.splitlines()) == 1 and b"Traceback" not in alone.stderr
    both = command(command_name, bad, "plain.py")
    assert both.returncode == 2 and message in both.stderr
    assert both.stdout == command(command_name, "plain.py").stdout
    if name is not None:
        assert (tmp_path / name).read_bytes() == data


def test_write_does_the_other_files(command, plain, tmp_path):
    (tmp_path / "bad.py").write_text("def (:\n")
    before = plain.read_bytes()
    assert command("rewrite", "--write", "bad.py", "plain.py").returncode == 2
    assert plain.read_bytes() != before and (tmp_path / "bad.py").read_text() == "def (:\n"


@pytest.mark.parametrize("command_name", ["rewrite", "explain", "check"])
def test_a_file_without_ray_is_nothing_to_do(command, tmp_path, command_name):
    (tmp_path / "noray.py").write_text("array = [1]\n")
    done = command(command_name, "noray.py")
    assert done.returncode == 0 and done.stdout == b""
    assert done.stderr == b"noray.py: nothing to do: the file does not use Ray\n"
    assert command("rewrite", "noray.py", "-o", "out.py").returncode == 0
    assert not (tmp_path / "out.py").exists()


@pytest.mark.parametrize("target", ["folder", "missing/out.py", "plain.py/out.py"])
def test_an_output_that_cannot_be_written(command, plain, tmp_path, target):
    (tmp_path / "folder").mkdir()
    before = plain.read_bytes()
    done = command("rewrite", "plain.py", "-o", target)
    assert done.returncode == 2 and f"{target}: cannot be written".encode() in done.stderr
    assert plain.read_bytes() == before
    assert names(tmp_path) == ["folder", "plain.py"] and not names(tmp_path / "folder")


@pytest.mark.parametrize("target", ["plain.py", "plain.py/out", "missing/out"])
def test_an_output_folder_that_cannot_be_made(command, plain, tmp_path, target):
    (tmp_path / "in").mkdir()
    shutil.copy(plain, tmp_path / "in" / "a.py")
    before = plain.read_bytes()
    done = command("rewrite", "in", "-o", target)
    assert done.returncode == 2 and b"cannot be made" in done.stderr
    assert plain.read_bytes() == before


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_midway_leaves_the_old_file(monkeypatch, tmp_path, step):
    path = tmp_path / "a.py"
    path.write_bytes(b"old")

    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(*((os, "fsync") if step == "fsync" else (Path, "replace")), full)
    with pytest.raises(WriteError, match=r"a\.py: cannot be written: No space left on device; check"):
        write_atomically(str(path), b"new", like=str(path))
    assert path.read_bytes() == b"old" and names(tmp_path) == ["a.py"]


def test_a_file_that_someone_else_changed_is_left(tmp_path):
    path = tmp_path / "a.py"
    path.write_bytes(b"theirs")
    with pytest.raises(WriteError, match="changed by someone else"):
        write_atomically(str(path), b"new", like=str(path), expected=b"old")
    assert path.read_bytes() == b"theirs"


@pytest.mark.usefixtures("cache_folder")
def test_an_internal_error_damages_nothing(monkeypatch, plain, tmp_path):
    import rayinfer.compiler as compiler

    real = compiler.compile_source
    other = tmp_path / "other.py"
    shutil.copy(plain, other)

    def broken(data: bytes, path: str, read: object) -> compiler.Compiled:
        if path.endswith("plain.py"):
            raise KeyError("a defect\nof ours")
        return real(data, path)

    monkeypatch.setattr(compiler, "compile_source", broken)
    before = plain.read_bytes()
    runner = CliRunner()
    done = runner.invoke(rewrite_command, ["--write", str(plain), str(other)], standalone_mode=False)
    assert done.return_value == 2 and plain.read_bytes() == before and other.read_bytes() != before
    assert "internal error (KeyError:" in done.stderr and "--debug" in done.stderr and "Traceback" not in done.stderr
    debug = runner.invoke(rewrite_command, [str(plain), "--debug"], standalone_mode=False)
    assert "Traceback" in debug.stderr and "broken" in debug.stderr


def test_a_reader_that_goes_away(tmp_path):
    calls = "".join(f"r{number} = f.remote({number})\n" for number in range(800))
    (tmp_path / "long.py").write_text("import ray\n\n\n@ray.remote\ndef f(x):\n    return x\n\n\n" + calls)
    done = subprocess.run(
        f"{sys.executable} -m rayinfer_cli check long.py | head -c 1; exit ${{PIPESTATUS[0]}}",
        shell=True,
        executable="/bin/bash",
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 141 and done.stderr == b""


def test_explain_json(command, plain, tmp_path):
    (tmp_path / "bad.py").write_text("def (:\n")
    done = command("explain", "--format", "json", "plain.py", "bad.py")
    assert done.returncode == 2
    report = json.loads(done.stdout)
    assert report["version"] == 1
    (file,) = report["files"]
    assert file["path"] == "plain.py" and set(file) == {"path", "groups", "evals", "remarks"}
    (group,) = file["groups"]
    assert (group["line"], group["task"], group["status"]) == (9, "square", "inferred")
    assert {"code", "kind", "line", "column", "message", "hint"} == set(file["remarks"][0])


def test_check_reports_findings(command, tmp_path):
    (tmp_path / "a.py").write_text(
        "import ray\n\n\n@ray.remote\ndef f():\n    return 1\n\n\nprint(ray.get(f.remote()))\n"
    )
    text = command("check", "a.py")
    assert text.returncode == 1
    first = text.stdout.decode().splitlines()[0]
    path, line, column, rest = first.split(":", 3)
    assert (path, line) == ("a.py", "9") and int(column) > 0 and rest.split()[0].startswith("RI")
    github = command("check", "--format", "github", "a.py").stdout.decode().splitlines()[0]
    assert github.startswith("::warning file=a.py,line=9,col=")
    (finding,) = json.loads(command("check", "--format", "json", "a.py").stdout)["findings"]
    assert finding["path"] == "a.py" and finding["line"] == 9 and finding["code"] == rest.split()[0]


def test_start_up_imports_neither_ray_nor_the_compiler_for_help(plain):
    script = (
        "import sys\nfrom rayinfer_cli.main import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "print([name for name in ('ray', 'libcst', 'numpy', 'rich') if name in sys.modules], file=sys.stderr)\n"
    )
    for args, loaded in ((["--help"], b"[]"), (["--version"], b"[]"), (["rewrite", str(plain)], b"['libcst']")):
        done = subprocess.run([sys.executable, "-c", script, *args], capture_output=True, check=True)
        assert done.stdout and done.stderr.splitlines()[-1] == loaded, (args, done.stderr)
