"""Commands over folders: several processes, results kept from run to run, and what a walk leaves out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import rayinfer_cli.cache as cache_module
from rayinfer.compiler import Compiled
from rayinfer_cli.cache import Cache, open_cache
from rayinfer_cli.compiling import Batch, Outcome
from rayinfer_cli.inputs import BadInput, Source, collect
from rayinfer_cli.workers import Died, results

TASKS = "import ray\n\n\n@ray.remote\ndef f(x):\n    return x\n"
DRIVER = "import ray\nfrom tasks import f\n\nprint(ray.get([f.remote(x) for x in range(3)]))\n"


def write(folder: Path, files: dict[str, str]) -> None:
    """Make files and the folders on the way."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def walked(folder: Path, *below: str) -> list[str]:
    """The files that a command would take, by their place in the folder."""
    found = list(collect(tuple(str(folder / each) for each in below or ("",))))
    assert not any(isinstance(each, BadInput) for each in found)
    return [os.path.relpath(each.path, folder) for each in found if isinstance(each, Source)]


def test_a_walk_leaves_out_what_git_ignores(tmp_path: Path) -> None:
    names = ("a.py", "build/b.py", "kept/c.py", "kept/made_c.py", "kept/deep/made_d.py", "kept/deep/made_e.py")
    write(tmp_path, dict.fromkeys(names, "x = 1\n"))
    assert len(walked(tmp_path)) == 6
    write(tmp_path, {".gitignore": "/build/\nmade_*.py\n", "kept/deep/.gitignore": "!made_e.py\n"})
    assert walked(tmp_path) == ["a.py", "kept/c.py", "kept/deep/made_e.py"]
    assert len(walked(tmp_path, "kept")) == 4, "no repository is above"
    (tmp_path / ".git").mkdir()
    assert walked(tmp_path, "kept") == ["kept/c.py", "kept/deep/made_e.py"]
    assert walked(tmp_path, "build") == ["build/b.py"], "what is asked for is taken"
    assert walked(tmp_path, "kept/made_c.py") == ["kept/made_c.py"]


def test_a_walk_below_an_ignored_folder_that_was_asked_for(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "*\n", "one/.hidden/two/a.py": "", "one/.hidden/two/.three/b.py": ""})
    (tmp_path / ".git").mkdir()
    assert walked(tmp_path, "one/.hidden") == ["one/.hidden/two/a.py"]


def test_a_walk_leaves_out_environments_and_hidden_folders(tmp_path: Path) -> None:
    write(tmp_path, dict.fromkeys(("a.py", ".x/b.py", "__pycache__/c.py", "env/d.py", "conda/e.py", "git/f.py"), ""))
    (tmp_path / "env" / "pyvenv.cfg").touch()
    (tmp_path / "conda" / "conda-meta").mkdir()
    (tmp_path / "git" / ".gitignore").write_bytes(b"\xff\xfe[\n")
    assert walked(tmp_path) == ["a.py", "git/f.py"]


def test_results_come_in_order_and_a_death_costs_one() -> None:
    found = list(results(_work, list(range(12)), 3))
    assert [each for each in found if not isinstance(each, Died)] == [n * n for n in range(12) if n not in (4, 5)]
    assert found[4] == Died("the process died with exit code 3")
    assert found[5] == Died("the process died by SIGKILL")


def _work(number: int) -> int:
    if number == 4:
        os._exit(3)
    if number == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.02 if number % 2 else 0)
    return number * number


@pytest.fixture
def folder(tmp_path: Path, cache_folder: Path) -> Path:
    """A folder of drivers that import one module."""
    assert cache_folder.is_dir()
    write(tmp_path, {"tasks.py": TASKS, "noray.py": "x = 1\n", "bad.py": "import ray\nf.remote(\n"})
    write(tmp_path, {f"driver{number}.py": DRIVER for number in range(9)})
    return tmp_path


def test_a_folder_is_done_alike_with_and_without_the_cache(command, folder: Path, cache_folder: Path) -> None:
    first = command("rewrite", ".")
    assert first.returncode == 2 and b"bad.py:2:" in first.stderr and b"9 of 11 files" in first.stderr
    assert first.stdout.count(b"+++ ") == 9
    kept = entries(cache_folder)
    assert len(kept) == 12
    for arguments in (["rewrite", "."], ["rewrite", "--no-cache", "."]):
        again = command(*arguments)
        assert (again.returncode, again.stdout, again.stderr) == (first.returncode, first.stdout, first.stderr)
    assert entries(cache_folder) == kept
    one_by_one = [command("rewrite", f"driver{number}.py").stdout for number in range(2)]
    assert first.stdout.startswith(b"".join(one_by_one))


def test_one_file_is_not_kept(command, plain: Path, cache_folder: Path) -> None:
    assert command("rewrite", plain.name).returncode == 0
    assert entries(cache_folder) == []


def entries(folder: Path) -> list[Path]:
    """The files of a cache."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The names of the files that the compiler is called for, in this process."""
    import rayinfer.compiler as compiler

    asked: list[str] = []
    real = compiler.compile_source

    def compile_source(data: bytes, path: str, read: object) -> Compiled:
        asked.append(path)
        return real(data, path, read)  # type: ignore[arg-type]

    monkeypatch.setattr(compiler, "compile_source", compile_source)
    monkeypatch.setattr("rayinfer_cli.workers.cpus", lambda: 1)
    yield asked


def compile_all(folder: Path, counted: list[str]) -> tuple[list[str], list[Compiled]]:
    """The files that had to be compiled, and what became of all."""
    counted.clear()
    done = [compiled for _, compiled in Batch((str(folder),), debug=False)]
    return sorted(Path(name).name for name in counted), done


def test_what_makes_a_result_stale(folder: Path, counted: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(2, 9):
        (folder / f"driver{number}.py").unlink()
    everything = ["bad.py", "driver0.py", "driver1.py", "noray.py", "tasks.py"]
    assert compile_all(folder, counted)[0] == everything
    anew, before = compile_all(folder, counted)
    assert anew == []
    assert all(group.node == "Map" for compiled in before for group in compiled.groups)
    # The file itself; a file that it imports; one that it does not import; one that it would import if it were there.
    (folder / "driver0.py").write_text(DRIVER + "\n")
    assert compile_all(folder, counted)[0] == ["driver0.py"]
    (folder / "tasks.py").write_text(TASKS.replace("@ray.remote", "@ray.remote(num_returns='streaming')"))
    anew, after = compile_all(folder, counted)
    assert anew == ["driver0.py", "driver1.py", "tasks.py"]
    assert {group.status for compiled in after for group in compiled.groups} == {"refused"}
    (folder / "noray.py").write_text("x = 2\n")
    assert compile_all(folder, counted)[0] == ["noray.py"]
    (folder / "tasks").mkdir()
    (folder / "tasks" / "__init__.py").write_text(TASKS)
    anew, after = compile_all(folder, counted)
    assert anew == ["__init__.py", "driver0.py", "driver1.py"]
    assert any(group.status == "inferred" for compiled in after for group in compiled.groups)
    # Our own text.
    real = cache_module._salt
    monkeypatch.setattr(cache_module, "_salt", lambda sources: real(sources) + b"another version")
    assert len(compile_all(folder, counted)[0]) == 6


@pytest.fixture
def cache(cache_folder: Path) -> Cache:
    """A cache with one entry."""
    cache = open_cache()
    assert cache is not None and cache.folder == cache_folder
    cache.put("a.py", b"x", {"b.py": b"y", "c.py": None}, Outcome(None, "message"))
    return cache


def here(path: str) -> bytes | None:
    return {"b.py": b"y"}.get(path)


def test_an_entry_is_found_again(cache: Cache) -> None:
    assert cache.get("a.py", b"x", here) == Outcome(None, "message")
    assert cache.get("a.py", b"z", here) is None
    assert cache.get("b.py", b"x", here) is None
    assert cache.get("a.py", b"x", lambda _: b"y") is None
    assert cache.get("a.py", b"x", lambda _: None) is None


def test_a_damaged_entry_is_none(cache: Cache) -> None:
    (path,) = entries(cache.folder)
    whole = path.read_bytes()
    for at in range(0, len(whole), 7):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert cache.get("a.py", b"x", here) is None
        path.write_bytes(whole[:at])
        assert cache.get("a.py", b"x", here) is None
    path.unlink()
    path.mkdir()
    assert cache.get("a.py", b"x", here) is None
    cache.put("a.py", b"x", {}, Outcome(None, "anew"))
    assert entries(cache.folder) == []


def test_an_entry_calls_nothing(cache: Cache) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.system, ("touch evil",)

    cache.put("a.py", b"x", {}, Evil())
    assert cache.get("a.py", b"x", here) is None
    assert not Path("evil").exists()


def test_trouble_with_the_disk_is_a_miss(cache: Cache, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = entries(cache.folder)

    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    cache.put("new.py", b"x", {}, Outcome(None, "message"))
    assert entries(cache.folder) == before
    (tmp_path / "file").touch()
    nowhere = Cache(tmp_path / "file", b"", ["rayinfer_cli"])
    nowhere.put("a.py", b"x", {}, Outcome(None, ""))
    nowhere.trim()
    assert nowhere.get("a.py", b"x", here) is None


def test_what_was_not_used_for_longest_is_dropped(cache: Cache) -> None:
    for number in range(10):
        cache.put(f"{number}.py", b"x", {}, Outcome(None, "m" * 10_000))
        os.utime(cache._path(f"{number}.py", b"x"), (1000 + number, 1000 + number))
    assert cache.get("0.py", b"x", here) is not None
    cache.trim(10**6)
    assert len(entries(cache.folder)) == 11
    cache.trim(60_000)
    assert [number for number in range(10) if cache.get(f"{number}.py", b"x", here)] == [0, 7, 8, 9]
    assert cache.get("a.py", b"x", here) is not None


@pytest.mark.parametrize("where", ["one process", "several"])
def test_an_interrupt_ends_everything(tmp_path: Path, cache_folder: Path, where: str) -> None:
    count = 8 if where == "one process" else 400
    line = "x = [f.remote(i) for i in range(3)]\n"
    finding = "y = f.remote(0)\n"
    write(tmp_path, {f"driver{number}.py": DRIVER + finding + line * 100 for number in range(count)})
    process = subprocess.Popen(
        [sys.executable, "-m", "rayinfer_cli", "check", *(["--no-cache"] if where == "several" else []), "."],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, "RAYINFER_CACHE_DIR": str(cache_folder)},
    )
    assert process.stdout is not None
    process.stdout.read(1)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in errors
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
