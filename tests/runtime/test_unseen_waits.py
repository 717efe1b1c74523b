"""Tasks that wait for others in ways that no look at their code finds: none may be queued behind what it waits for."""

from __future__ import annotations

from pathlib import Path

import pytest

from rayinfer.compiler import compile_source
from rayinfer.runtime import bundles
from tests.cases import running
from tests.runtime.steady import executors_at_once, ready_executors

pytestmark = [pytest.mark.usefixtures("cluster"), pytest.mark.timeout(240)]

_PREAMBLE = """\
import importlib
import os
import tempfile
import time

import ray

DEADLINE = 60


def until_there(path, begun):
    try:
        os.stat(path)
    except FileNotFoundError:
        if time.monotonic() - begun > DEADLINE:
            raise TimeoutError("the others did not come")
        time.sleep(0.1)
        until_there(path, begun)


def touch(folder, name):
    with open(os.path.join(folder, str(name)), "w"):
        pass


@ray.remote
def hand_over(folder, k, last):
    touch(folder, k)
    if k < last:
        until_there(os.path.join(folder, str(k + 1)), time.monotonic())
    touch(folder, f"done {k}")


@ray.remote(num_cpus=2)
def come(folder, i):
    touch(folder, i)
    return i


@ray.remote(num_cpus=2)
def leave(folder, i, n):
    until_there(os.path.join(folder, str(n - 1)), time.monotonic())
    return i


@ray.remote(num_cpus=0.5)
def meet(folder, i, n):
    touch(folder, i)
    for k in range(n):
        until_there(os.path.join(folder, str(k)), time.monotonic())
    return i


@ray.remote(num_cpus=0.5)
def wait_for_later(folder, i):
    until_there(os.path.join(folder, f"later {i}"), time.monotonic())
    return i


@ray.remote(num_cpus=0.5)
def later(folder, i):
    touch(folder, f"later {i}")
    return i


@ray.remote(num_cpus=0)
class Progress:
    def __init__(self):
        self.reports = 0

    def add(self):
        self.reports += 1

    def count(self):
        return self.reports


@ray.remote(num_cpus=0.5)
def report(name, i):
    tools = importlib.import_module("r" + "ay")
    actor = getattr(tools, "get_" + "actor")(name)
    getattr(tools, "g" + "et")(getattr(actor.add, "rem" + "ote")())
    return i


"""
_ROUNDS = """
def main(folder, rounds):
    for k in range(rounds):
        [hand_over.remote(folder, k, rounds - 1) for _ in range(1)]
        time.sleep(0.1)
    for k in range(rounds):
        until_there(os.path.join(folder, f"done {k}"), time.monotonic())
    print(len(os.listdir(folder)))
with tempfile.TemporaryDirectory() as folder:
    main(folder, 15)
"""
_PROGRAMS = {
    "the second step waits for the first one of every chain": """
def main(folder, n):
    here = [come.remote(folder, i) for i in range(n)]
    gone = [leave.remote(folder, one, n) for one in here]
    print(ray.get(gone))
with tempfile.TemporaryDirectory() as folder:
    main(folder, 6)
""",
    "a barrier among eight": """
with tempfile.TemporaryDirectory() as folder:
    print(ray.get([meet.remote(folder, i, 8) for i in range(8)]))
""",
    "the driver polls an actor that tasks report to by names made as they run": """
def main(name, n):
    progress = Progress.options(name=name).remote()
    refs = [report.remote(name, i) for i in range(n)]
    while ray.get(progress.count.remote()) < n:
        time.sleep(0.05)
    print(ray.get(refs), ray.get([report.remote(name, i) for i in range(5 * n)]))
    print(ray.get(progress.count.remote()))
main(f"progress {time.time()}", 12)
""",
    "members wait for a later group of their region": """
def main(folder, n):
    first = [wait_for_later.remote(folder, i) for i in range(n)]
    more = [later.remote(folder, one) for one in range(n)]
    print(ray.get(first), ray.get(more))
with tempfile.TemporaryDirectory() as folder:
    main(folder, 8)
""",
}


@pytest.fixture(autouse=True)
def fresh() -> None:
    """Nothing is known yet of how long tasks take."""
    bundles._chains.clear()


def same(source: str, tmp_path: Path) -> None:
    """Whether a program ends plain and rewritten, and prints the same."""
    case = tmp_path / "waiting.py"
    case.write_text(_PREAMBLE + source)
    result = compile_source(case.read_bytes(), case.name)
    assert result.changed
    plain = running.plain_cluster(case)
    assert plain[0] == 0 and plain[1], plain
    assert running.rewritten_cluster(result, case) == plain


@pytest.mark.parametrize("body", _PROGRAMS.values(), ids=_PROGRAMS.keys())
def test_tasks_that_wait_unseen_come_together(body: str, tmp_path: Path) -> None:
    same(body, tmp_path)


def test_a_round_that_waits_for_the_next_one_on_executors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = executors_at_once(monkeypatch)
    ready_executors(1)
    same(_ROUNDS, tmp_path)
    assert begun, "executors took part"
