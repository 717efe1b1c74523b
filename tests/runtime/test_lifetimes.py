"""Actors live for as long as the plain program's names hold them, or the results in which they are, also unread."""

from __future__ import annotations

from pathlib import Path

import pytest

from rayinfer.compiler import compile_source
from tests.cases import running

PROGRAM = """\
import os
import threading
import time

import ray


@ray.remote(num_cpus=0)
class Writer:
    def __init__(self, path):
        self.path = path

    def run(self):
        threading.Thread(target=self.write, daemon=True).start()

    def write(self):
        for _ in range(40):
            with open(self.path, "a") as file:
                file.write("x")
            time.sleep(0.02)


@ray.remote
def started(path):
    writer = Writer.remote(path)
    ray.get(writer.run.remote())
    return writer


def is_whole(path, count):
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if os.path.exists(path) and os.path.getsize(path) == 40 * count:
            return True
        time.sleep(0.05)
    return False


def in_a_list(path):
    writers = [Writer.remote(path) for _ in range(2)]
    for writer in writers:
        writer.run.remote()
    return is_whole(path, 2)


def that_were_asked(path):
    writers = [Writer.remote(path) for _ in range(2)]
    ray.get([writer.run.remote() for writer in writers])
    return is_whole(path, 2)


def in_results(path):
    writers = [started.remote(path) for _ in range(2)]
    return is_whole(path, 2)


def made_in_rounds(path):
    writers, refs = [], []
    for _ in range(2):
        writer = Writer.remote(path)
        writers.append(writer)
        refs.append(writer.run.remote())
    ray.get(refs)
    return is_whole(path, 2)


def named_in_rounds(path):
    refs = []
    for _ in range(1):
        writer = Writer.remote(path)
        refs.append(writer.run.remote())
    ray.get(refs)
    return is_whole(path, 1)
"""
FUNCTIONS = ("in_a_list", "that_were_asked", "in_results", "made_in_rounds", "named_in_rounds")


@pytest.mark.cluster
@pytest.mark.parametrize("function", FUNCTIONS)
def test_actors_live_as_long_as_in_plain_ray(cluster, function: str, tmp_path: Path) -> None:
    case = tmp_path / "case.py"
    case.write_text(f"{PROGRAM}\n\nprint({function}({str(tmp_path / 'written')!r}))\n")
    result = compile_source(case.read_bytes(), str(case))
    assert len(result.made_at) == 9
    assert running.rewritten_cluster(result, case) == (0, "True\n")
