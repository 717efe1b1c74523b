"""`[tool.rayinfer]` in pyproject.toml: what it chooses, and what is said of a file that is wrong."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

TASK = "import ray\n\n\n@ray.remote\ndef f(x):\n    return x\n\n\n"
SINGLE = TASK + "print(ray.get(f.remote(1)))\n"
INFERRED = TASK + "refs = [f.remote(i) for i in range(3)]\nprint(ray.get(refs))\n"


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def codes(done) -> dict[str, list[str]]:
    """The findings of `check --format json`, by file."""
    found: dict[str, list[str]] = {}
    for finding in json.loads(done.stdout)["findings"]:
        found.setdefault(finding["path"], []).append(finding["code"])
    return found


def test_what_is_excluded_is_left_out_of_walks(command, tmp_path: Path) -> None:
    names = ("a.py", "made/b.py", "sub/c_pb2.py", "sub/d.py")
    write(
        tmp_path, {**dict.fromkeys(names, SINGLE), "pyproject.toml": '[tool.rayinfer]\nexclude = ["made/", "*_pb2.py"]'}
    )
    assert set(codes(command("check", "--format", "json", "."))) == {"a.py", "sub/d.py"}
    assert set(codes(command("check", "--format", "json", "sub"))) == {"sub/d.py"}
    assert set(codes(command("check", "--format", "json", "made"))) == {"made/b.py"}, "what is asked for is taken"
    assert set(codes(command("check", "--format", "json", "sub/c_pb2.py"))) == {"sub/c_pb2.py"}


def test_ignored_codes_are_not_reported(command, tmp_path: Path) -> None:
    write(tmp_path, {"a.py": SINGLE, "tests/b.py": SINGLE})
    assert command("check", ".").returncode == 1
    write(tmp_path, {"pyproject.toml": '[tool.rayinfer.per-file-ignores]\n"tests/" = ["RI101"]'})
    assert codes(command("check", "--format", "json", ".")) == {"a.py": ["RI101"]}
    assert b"RI101" not in command("explain", "tests/b.py").stdout
    write(tmp_path, {"pyproject.toml": '[tool.rayinfer]\nignore = ["RI101"]'})
    done = command("check", ".")
    assert (done.returncode, done.stdout) == (0, b"")
    assert command("check", "-", stdin=SINGLE.encode()).returncode == 0


def test_the_nearest_file_with_settings_holds(command, tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": '[tool.rayinfer]\nignore = ["RI101"]', "in/a.py": SINGLE})
    write(tmp_path, {"in/pyproject.toml": "[project]\nname = 'rayinfer-user'\n"})
    assert command("check", "in").returncode == 0
    write(tmp_path, {"in/pyproject.toml": "[tool.rayinfer]\n"})
    assert command("check", "in").returncode == 1
    assert command("check", "in", ".").returncode == 0, "the one above both"


def test_what_is_only_assumed_is_no_finding(command, tmp_path: Path) -> None:
    write(tmp_path, {"a.py": INFERRED})
    assert {"RI001", "RI202"} == {
        r["code"] for r in json.loads(command("explain", "--format", "json", "a.py").stdout)["files"][0]["remarks"]
    }
    done = command("check", "a.py")
    assert (done.returncode, done.stdout) == (0, b"")


def test_the_backend_of_run(command, tmp_path: Path) -> None:
    shows = "import os\nprint(os.environ['RAYINFER_BACKEND'])\n"
    write(tmp_path, {"a.py": shows, "pyproject.toml": "[tool.rayinfer]\nbackend = 'vanilla'"})
    assert command("run", "a.py").stdout == b"vanilla\n"
    assert command("run", "--backend", "group", "a.py").stdout == b"group\n"
    assert command("run", "a.py", RAYINFER_BACKEND="group").stdout == b"group\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tool.rayinfer]\nexlude = []", "no setting `exlude`; the settings are backend, exclude, ignore"),
        ("[tool.rayinfer]\nexclude = 'a'", "`exclude` must be a list of strings"),
        ("[tool.rayinfer]\nexclude = [1]", "`exclude` must be a list of strings"),
        ("[tool.rayinfer]\nignore = ['RI1O1']", "`RI1O1`, which is no code; the nearest are RI101"),
        ("[tool.rayinfer]\nignore = ['RI001']", "RI001, which is no finding"),
        ("[tool.rayinfer]\nper-file-ignores = ['a']", "`per-file-ignores` must be a table"),
        ("[tool.rayinfer.per-file-ignores]\n'a.py' = 'RI101'", "`per-file-ignores.a.py` must be a list"),
        ("[tool.rayinfer]\nbackend = 'fast'", "`backend` must be one of group, vanilla, inline"),
        ("[tool]\nrayinfer = 3", "must be a table"),
        ("[tool.rayinfer\n", "it is no TOML"),
    ],
)
def test_a_wrong_setting_ends_every_command(command, tmp_path: Path, text: str, said: str) -> None:
    write(tmp_path, {"a.py": INFERRED, "pyproject.toml": text})
    for verb in ("check", "run") if "backend" in text else ("check",):
        done = command(verb, "a.py")
        assert done.returncode == 2 and not done.stdout
        (line,) = done.stderr.decode().splitlines()
        assert line.startswith(f"Error: {tmp_path / 'pyproject.toml'}: [tool.rayinfer]: ") and said in line


def test_a_file_that_is_not_for_us_may_be_anything(command, tmp_path: Path) -> None:
    write(tmp_path, {"a.py": INFERRED, "pyproject.toml": "no TOML at all ["})
    assert command("check", "a.py").returncode == 0
    if sys.platform != "win32":
        (tmp_path / "pyproject.toml").unlink()
        (tmp_path / "pyproject.toml").mkdir()
        assert command("check", "a.py").returncode == 2
