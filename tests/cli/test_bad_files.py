"""Every command on many files of which some are bad: the others are done, and each bad one is named with its place."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest

# What is wrong, and the place and code that standard error must name.
BAD = {
    "brackets.py": (b"import ray\n\nx = (1,\n", rb":3:5: RI902 "),
    "python2.py": (b"import ray\nprint 'x'\n", rb":2:1: RI902 "),
    "latin.py": (b"import ray\nx = '\xe9'\n", rb":2:6: RI901 "),
    "klingon.py": (b"# coding: klingon\nimport ray\n", rb":1:1: RI901 "),
    "nulls.py": (b"import ray\nx = 1\0\n", rb":2:6: RI902 "),
    "utf16.py": ("import ray\n".encode("utf-16"), rb":1:1: RI901 "),
    "minus.py": (b"import ray\nx = " + b"-" * 100_000 + b"1\n", rb":1:1: RI903 "),
}
# What is unusual and no reason to stop, with the code that `explain` names.
UNUSUAL = {
    "deep.py": ("import ray\n\n\ndef g(f):\n    f.remote()\n    return " + "1 + " * 1000 + "1\n", "RI205"),
    "odd.py": ("import ray\n\\\nx = 1\n\n\ndef g(f):\n    return f.remote()\n", "RI204"),
    "spelling.py": ("import ray\n\n\ndef g(fi):\n    return \ufb01.remote()\n", "RI204"),
    "skipped.py": ("# rayinfer: skip-file\nimport ray\nprint 'x'\n", "RI302"),
}


@pytest.fixture
def folder(plain: Path, tmp_path: Path) -> Path:
    """A folder with good files before, between and after bad ones, and a link that leads nowhere."""
    path = tmp_path / "in"
    path.mkdir()
    for name, (data, _) in BAD.items():
        (path / name).write_bytes(data)
    for name, (text, _) in UNUSUAL.items():
        (path / name).write_text(text)
    for name in ("aaa.py", "lll.py", "zzz.py"):
        shutil.copy(plain, path / name)
    (path / "link.py").symlink_to("nowhere.py")
    return path


def check_messages(stderr: bytes) -> None:
    """One line for each bad file, with its place and code; nothing about the others."""
    lines = [line for line in stderr.splitlines() if b".py" in line]
    assert len(lines) == len(BAD) + 1, stderr
    for name, (_, place) in BAD.items():
        assert any(re.match(re.escape(os.fsencode(f"in/{name}")) + place, line) for line in lines), (name, lines)
    assert any(line.startswith(b"in/link.py: no such file") for line in lines)
    assert b"Traceback" not in stderr and b"internal error" not in stderr


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.exists()}


def test_rewrite_prints_the_others(command, folder):
    before = content(folder)
    done = command("rewrite", "in")
    assert done.returncode == 2
    check_messages(done.stderr)
    assert re.findall(rb"^--- a/in/(\w+)\.py$", done.stdout, re.MULTILINE) == [b"aaa", b"lll", b"zzz"]
    assert content(folder) == before


def test_rewrite_check_names_the_others(command, folder):
    done = command("rewrite", "--check", "in")
    assert done.returncode == 2
    check_messages(done.stderr)
    assert done.stdout == b"".join(b"in/%s.py: would be rewritten\n" % name for name in (b"aaa", b"lll", b"zzz"))


def test_rewrite_write_changes_the_others(command, plain, folder):
    before = content(folder)
    expected = command("rewrite", "-o", "-", "plain.py").stdout
    done = command("rewrite", "--write", "in")
    assert done.returncode == 2
    check_messages(done.stderr)
    good = ("aaa.py", "lll.py", "zzz.py")
    assert content(folder) == {**before, **dict.fromkeys(good, expected)}


def test_rewrite_into_another_folder_writes_the_others(command, folder, tmp_path):
    done = command("rewrite", "in", "-o", "out")
    assert done.returncode == 2
    check_messages(done.stderr)
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == sorted(["aaa.py", "lll.py", "zzz.py", *UNUSUAL])
    assert all((tmp_path / "out" / name).read_text() == text for name, (text, _) in UNUSUAL.items())


@pytest.mark.parametrize("style", ["text", "json"])
def test_explain_lists_the_others(command, folder, style):
    done = command("explain", "--format", style, "in")
    assert done.returncode == 2
    check_messages(done.stderr)
    if style == "json":
        files = {file["path"]: file for file in json.loads(done.stdout)["files"]}
        assert set(files) == {f"in/{name}" for name in ("aaa.py", "lll.py", "zzz.py", *UNUSUAL)}
        for name, (_, code) in UNUSUAL.items():
            assert [remark["code"] for remark in files[f"in/{name}"]["remarks"]] == [code]
    else:
        text = done.stdout.decode()
        assert all(f"in/{name}.py: 1 of 1 submissions inferred" in text for name in ("aaa", "lll", "zzz"))
        assert all(re.search(rf"in/{name}:\d+:\d+: {code} analysis: ", text) for name, (_, code) in UNUSUAL.items())


@pytest.mark.parametrize("style", ["text", "json", "github"])
def test_check_reports_the_others(command, folder, style):
    done = command("check", "--format", style, "in")
    assert done.returncode == 2
    check_messages(done.stderr)
    # A skipped file is no finding: its owner asked for it.
    expected = {"in/deep.py": "RI205", "in/odd.py": "RI204", "in/spelling.py": "RI204"}
    if style == "json":
        found = {finding["path"]: finding["code"] for finding in json.loads(done.stdout)["findings"]}
    else:
        pattern = r"^(in/\w+\.py):\d+:\d+: (RI\d+)" if style == "text" else r"file=(.*?),.*title=(RI\d+)"
        found = dict(re.findall(pattern, done.stdout.decode(), re.MULTILINE))
    assert found == expected


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("verb", ["run", "graph"])
def test_one_bad_file_is_named(command, folder, verb, name):
    backend = ["--backend", "inline"] if verb == "run" else []
    done = command(verb, *backend, f"in/{name}")
    assert done.returncode == 2 and not done.stdout
    (line,) = done.stderr.splitlines()
    assert re.match(re.escape(os.fsencode(f"in/{name}")) + BAD[name][1], line)


@pytest.mark.parametrize("name", ["deep.py", "odd.py"])
def test_what_cannot_be_analysed_is_run_as_it_is(command, folder, name):
    with (folder / name).open("a") as file:
        file.write("\n\nprint('it runs')\n")
    done = command("run", "--backend", "inline", f"in/{name}")
    assert (done.returncode, done.stdout) == (0, b"it runs\n"), done.stderr
