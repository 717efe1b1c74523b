"""A driver that imports its tasks and actors from the files beside it: what is inferred, and that it runs the same."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.checks import wrong_with
from rayinfer.compiler import Compiled, compile_source
from rayinfer_cli.inputs import read_file
from tests.cases import running
from tests.environment import clean_environment

ROOT = Path(__file__).resolve().parent.parent.parent
PROJECT = Path(__file__).parent / "project"
SEEN = {
    ("InitActors", "Tally", "inferred"),
    ("Map", "load", "inferred"),
    ("Map", "steps.tokenise", "inferred"),
    ("Map", "make_shard", "inferred"),
    ("ReduceActors", "take", "inferred"),
    ("MapActors", "most", "inferred"),
    ("Map", "tasks.length", "inferred"),
    ("Map", "tasks.boom", "inferred"),
}


def compiled(path: Path) -> Compiled:
    return compile_source(path.read_bytes(), str(path), read_file)


def test_the_driver_is_inferred_as_if_it_were_one_file() -> None:
    result = compiled(PROJECT / "driver.py")
    assert list(wrong_with(result, read_file)) == []
    groups = {(group.node, group.task, group.status) for group in result.groups}
    assert groups >= SEEN
    # A task of another file that returns two refs a call.
    assert [group.status for group in result.groups if group.task == "steps.halve"] == ["inferred"]
    shards = "ri.Map(None, words, (ri.of(make_shard)(each, tallies) for each in ri.each(words)))"
    assert ast.dump(ast.parse(shards, mode="eval").body) in ast.dump(ast.parse(result.output))


@pytest.mark.parametrize("path", sorted(PROJECT.rglob("*.py")), ids=lambda path: path.name)
def test_the_other_files_stay_as_they_are(path: Path) -> None:
    assert compiled(path).changed == (path.name == "driver.py")


def test_the_driver_does_not_depend_on_where_it_is_named_from(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = compiled(PROJECT / "driver.py").output
    for folder, name in ((PROJECT, "driver.py"), (PROJECT, "./driver.py"), (PROJECT / "pipeline", "../driver.py")):
        monkeypatch.chdir(folder)
        assert compiled(Path(name)).output == expected


READ = """\
import ray


@ray.remote
def f(x):
    return x


@ray.remote
class A:
    def m(self, x):
        return x
"""
IMPORTED = {
    "the same": READ,
    "a task of two returns": READ.replace("@ray.remote\ndef", "@ray.remote(num_returns=2)\ndef").replace(
        "return x\n\n\n@", "return x, x\n\n\n@"
    ),
    "a generator": READ.replace("return x\n\n\n@", "yield x\n\n\n@"),
    "an actor class for a task": READ.replace(
        "def f(x):\n    return x", "class f:\n    def __init__(self, x): self.x = x"
    ),
    "a task for an actor class": READ.replace(
        "class A:\n    def m(self, x):\n        return x", "def A():\n    return 1"
    ),
    "an object with a remote of its own": READ
    + "\n\nclass Fake:\n    def remote(self, x=0):\n        print(x)\n\nf = A = Fake()\n",
    "nothing remote": READ + "\n\nf = A = len\n",
    "a method of two returns": READ.replace("    def m", "    @ray.method(num_returns=2)\n    def m").replace(
        "        return x", "        return x, x"
    ),
    "no such method": READ.replace("def m", "def n"),
}
USES = """\
import ray
from {module} import f, A


def shown(value):
    return [shown(one) for one in value] if isinstance(value, list) else type(value).__name__


def main():
    try:
        data = f.remote(1)
        shared = [f.remote(data) for _ in range(2)]
        print(shown(shared), shown(data))
    except Exception as error:
        print(type(error).__name__)
    try:
        refs = [f.remote(x) for x in range(3)]
        again = [f.remote(x) for x in refs]
        print(shown(again), shown(refs))
    except Exception as error:
        print(type(error).__name__)
    try:
        actors = [A.remote() for _ in range(2)]
        calls = [a.m.remote(1) for a in actors]
        print(shown(calls))
    except Exception as error:
        print(type(error).__name__)
    print([f.remote(x) for x in ()], [A.remote() for x in ()])


main()
"""


@pytest.mark.parametrize("number", range(len(IMPORTED)), ids=IMPORTED)
def test_what_is_imported_is_not_what_was_read(number: int, tmp_path: Path) -> None:
    module, case = f"beside_{number}", tmp_path / "case.py"
    case.write_text(USES.format(module=module))
    (tmp_path / f"{module}.py").write_text([*IMPORTED.values()][number])
    result = compile_source(case.read_bytes(), "case.py", {f"{module}.py": READ.encode()}.get)
    assert {(group.node, group.status) for group in result.groups} == {
        (node, "inferred") for node in ("Broadcast", "Map", "InitActors", "MapActors")
    }
    plain = running.plain_inline(case)
    assert plain[1].count("\n") >= 4
    assert running.rewritten_inline(result, case) == plain
    assert running.rewritten_deferred(result, case) == plain


def run(*command: str, **variables: str) -> tuple[int, list[str]]:
    """Exit code and standard output of `python COMMAND...`."""
    environment = clean_environment(PYTHONPATH=str(ROOT), **variables)
    done = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, env=environment, timeout=240, check=False
    )
    assert done.stdout, done.stderr
    return done.returncode, done.stdout.splitlines()


DRIVER = [str(PROJECT / "driver.py"), "an argument"]


def test_inline_runs_without_a_cluster() -> None:
    status, lines = run("-m", "rayinfer_cli", "run", "--backend", "inline", *DRIVER)
    assert status == 0
    assert lines[-2:] == ["[1, 2, 3] ['an argument']", "caught ValueError: number 1"]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A cluster of two nodes."""
    from rayinfer.runtime.local_cluster import LocalCluster

    cluster = LocalCluster(2, 2)
    yield cluster.address
    cluster.stop()


@pytest.mark.cluster
@pytest.mark.slow
def test_a_cluster_gives_the_same(address: str) -> None:
    plain = run(*DRIVER, RAY_ADDRESS=address)
    assert plain[0] == 0
    for backend in ("group", "vanilla", "inline"):
        where = [] if backend == "inline" else ["--address", address]
        assert run("-m", "rayinfer_cli", "run", "--backend", backend, *where, *DRIVER) == plain, backend


HOOKED = """\
class Base:
    def __init__(self):
        self.buf, self.name, self.items = [0], "base", [1, 2]

    @property
    def step(self):
        self.buf[0] += 1
        return self.buf[0]

    @property
    def size(self):
        return self.name

    def __len__(self):
        self.buf.append(0)
        return 2


class Loud:
    def __init__(self, box):
        self.box = box

    def __add__(self, other):
        self.box.append(other)
        return len(self.box)
"""
ABOVE = """\
from hooked_{number} import Base
import hooked_{number} as hooked


class Middle(Base):
    pass
"""
READING = """\
import ray
{how}


@ray.remote
def f(*given):
    return [list(one) if isinstance(one, list) else one for one in given]


class Own({base}):
    def go(self):
        print(ray.get([f.remote({argument}) for _ in range(3)]))


Own().go()
"""
# Whether a group is made, by how the class is known and what is read of it.
HOOKS = [
    ("from hooked_{} import Base", "Base", "self.step, self.buf", False),
    ("import hooked_{} as h", "h.Base", "self.step, self.buf", False),
    ("from above_{} import Middle", "Middle", "self.step, self.buf", False),
    ("import above_{}", "above_{}.hooked.Base", "self.step, self.buf", False),
    ("from hooked_{} import Base", "Base", "len(self), self.buf", False),
    ("from hooked_{} import Base", "Base", "1 if self else 0, self.buf", False),
    ("from hooked_{} import Base, Loud", "Base", "Loud(self.buf) + 1, self.buf", False),
    ("from hooked_{} import Base", "Base", "self.size, self.name, self.buf", True),
    ("from hooked_{} import Base", "object", "max(1, 2), [len('a')]", True),
    ("import hooked_{}", "object", "max(1, 2), [2 + 3]", True),
]


@pytest.mark.parametrize("number", range(len(HOOKS)))
def test_what_classes_of_other_files_run_is_seen(number: int, tmp_path: Path) -> None:
    how, base, argument, made = HOOKS[number]
    case = tmp_path / "case.py"
    case.write_text(READING.format(how=how.format(number), base=base.format(number), argument=argument))
    files = {f"hooked_{number}.py": HOOKED, f"above_{number}.py": ABOVE.format(number=number)}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    result = compile_source(case.read_bytes(), "case.py", {name: text.encode() for name, text in files.items()}.get)
    assert result.changed == made
    assert running.rewritten_inline(result, case) == running.plain_inline(case)
