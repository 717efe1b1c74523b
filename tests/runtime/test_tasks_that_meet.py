"""Tasks that meet through an actor, a file or a socket, or whose driver watches them: none may wait for ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from rayinfer.compiler import compile_source
from tests.cases import running

pytestmark = pytest.mark.usefixtures("cluster")

_PREAMBLE = """\
import os
import socket
import sys
import tempfile
import time

import ray

N = 4
DEADLINE = 60


@ray.remote(num_cpus=0)
class Meeting:
    def __init__(self, n):
        self.n = n
        self.here = 0

    def arrive(self):
        self.here += 1

    def complete(self):
        return self.here >= self.n

    def count(self):
        return self.here


def until(condition):
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > DEADLINE:
            raise TimeoutError("the others did not come")
        time.sleep(0.01)


@ray.remote(num_cpus=0.5)
def meet(meeting, i):
    ray.get(meeting.arrive.remote())
    until(lambda: ray.get(meeting.complete.remote()))
    return i


@ray.remote(num_cpus=0.5)
def meet_by_files(folder, i):
    with open(os.path.join(folder, str(i)), "w"):
        pass
    until(lambda: len(os.listdir(folder)) >= N)
    return i


@ray.remote(num_cpus=0.5)
def next_to(folder, i):
    return meet_here(folder, i + N)


def meet_here(folder, i):
    with open(os.path.join(folder, str(i)), "w"):
        pass
    until(lambda: len(os.listdir(folder)) >= 2 * N)
    return i


@ray.remote(num_cpus=0.5)
def talk(folder, i):
    path = os.path.join(folder, f"{i // 2}.sock")
    with socket.socket(socket.AF_UNIX) as one:
        if i % 2 == 0:
            one.bind(path + ".new")
            one.listen(1)
            os.rename(path + ".new", path)
            one.settimeout(DEADLINE)
            with one.accept()[0] as other:
                other.sendall(b"even")
                return other.recv(10)
        until(lambda: os.path.exists(path))
        one.connect(path)
        one.sendall(b"odd")
        return one.recv(10)


"""
_PROGRAMS = {
    "a barrier of an actor": """
meeting = Meeting.remote(N)
print(ray.get([meet.remote(meeting, i) for i in range(N)]))
""",
    "a barrier of an actor and a chain after it": """
def main():
    meeting = Meeting.remote(N)
    refs = [meet.remote(meeting, i) for i in range(N)]
    again = Meeting.remote(N)
    ends = [meet.remote(again, r) for r in refs]
    print(ray.get(ends))
main()
""",
    "a barrier of files": """
with tempfile.TemporaryDirectory() as folder:
    print(ray.get([meet_by_files.remote(folder, i) for i in range(N)]))
""",
    "a barrier of files between two groups": """
def main(folder):
    firsts = [meet_by_files.remote(folder, i) for i in range(N)]
    seconds = [next_to.remote(folder, x) for x in firsts]
    print(ray.get(seconds))
with tempfile.TemporaryDirectory() as folder:
    main(folder)
""",
    "a barrier of files, values alone wanted, round after round": """
def main(root):
    for k in range(8):
        folder = os.path.join(root, str(k))
        os.mkdir(folder)
        print(sorted(ray.get([meet_by_files.remote(folder, i) for i in range(N)])))
with tempfile.TemporaryDirectory() as root:
    main(root)
""",
    "pairs that talk": """
with tempfile.TemporaryDirectory() as folder:
    print(ray.get([talk.remote(folder, i) for i in range(N)]))
""",
    "the driver watches the tasks before it gets": """
def main():
    meeting = Meeting.remote(N + 1)
    refs = [meet.remote(meeting, i) for i in range(N)]
    until(lambda: ray.get(meeting.count.remote()) >= N)
    ray.get(meeting.arrive.remote())
    print(ray.get(refs))
main()
""",
    "the driver is the last to come": """
def main(folder):
    refs = [meet_by_files.remote(folder, i) for i in range(N - 1)]
    ends = [next_to.remote(folder, r) for r in refs]
    until(lambda: len(os.listdir(folder)) >= N - 1)
    for k in range(100, 100 + 2 * N):
        with open(os.path.join(folder, str(k)), "w"):
            pass
    print(ray.get(ends))
with tempfile.TemporaryDirectory() as folder:
    main(folder)
""",
    "nobody gets the tasks": """
def start(meeting):
    for i in range(N):
        meet.remote(meeting, i)
    [meet.remote(meeting, i) for i in range(N)]
meeting = Meeting.remote(2 * N)
start(meeting)
until(lambda: ray.get(meeting.complete.remote()))
print(ray.get(meeting.count.remote()))
""",
}


@pytest.mark.timeout(240)
@pytest.mark.parametrize("body", _PROGRAMS.values(), ids=_PROGRAMS.keys())
def test_tasks_that_meet_come_together(body: str, tmp_path: Path) -> None:
    case = tmp_path / "meeting.py"
    case.write_text(_PREAMBLE + body)
    result = compile_source(case.read_bytes(), case.name)
    assert result.changed
    plain = running.plain_cluster(case)
    assert plain[0] == 0 and plain[1], plain
    assert running.rewritten_cluster(result, case) == plain
