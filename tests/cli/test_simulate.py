"""`rayinfer simulate`: the inferred groups on a cluster that is only imagined."""

from __future__ import annotations

import json

import pytest

PROGRAM = """\
import argparse
import ray


@ray.remote
def load(i):
    return i


@ray.remote
def add(x):
    return x + 1


@ray.remote
class Sum:
    def take(self, *xs):
        return sum(xs)


def main(args):
    parts = [load.remote(i) for i in range(args.parts)]
    more = [add.remote(x) for x in parts]
    sums = [Sum.remote() for _ in range(2)]
    print(ray.get([s.take.remote(*more) for s in sums]))


def other(n):
    return ray.get([load.remote(i) for i in range(n)])
"""
MAIN = ["--function", "main", "--set", "args.parts=8", "--size", "2MB"]


@pytest.fixture
def script(tmp_path):
    (tmp_path / "script.py").write_text(PROGRAM)
    return "script.py"


def test_the_table_says_where_members_go_and_what_is_moved(command, script):
    done = command("simulate", script, "--nodes", 2, "--cpus", 4, *MAIN)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.decode().splitlines()
    assert lines[0] == "main: 2 nodes, 4 CPUs each; each loop once; bytes that cross between nodes"
    assert lines[1].split() == "group node line members where they go group ray default random ray spread".split()
    first = next(line for line in lines if "%0" in line)
    assert "Map load" in first and "4 on each of 2 nodes" in first
    taking = next(line for line in lines if "ReduceActors take" in line)
    assert "8.0 MB" in taking.split("node0")[1]
    assert lines[-1].split()[0] == "all"


def test_json_says_all_of_it(command, script):
    done = command("simulate", script, "--nodes", 2, "--cpus", 4, *MAIN, "--format", "json")
    report = json.loads(done.stdout)
    assert report["cluster"] == {"nodes": 2, "cpus": 4}
    (main,) = report["functions"]
    assert set(main["moved"]) == {"group", "ray default", "ray spread", "random"}
    assert main["moved"]["group"] == sum(g["policies"]["group"]["moved"] for g in main["groups"]) == 8_000_000
    first = main["groups"][0]
    assert (first["members"], first["bytes"], first["line"]) == (8, 2_000_000, 22)
    assert first["policies"]["group"]["members_by_node"] == {"node0": 4, "node1": 4}
    assert command("simulate", script, "--nodes", 2, "--cpus", 4, *MAIN, "--format", "json").stdout == done.stdout


def test_small_graphs_are_compared_with_the_optimum(command, script):
    given = ["--function", "main", "--set", "args.parts=3", "--size", "1MB"]
    done = command("simulate", script, "--nodes", 2, "--cpus", 4, *given, "--format", "json")
    (main,) = json.loads(done.stdout)["functions"]
    assert main["optimum"] == 0
    assert (
        "the optimum, found by trying every placement: 0 B"
        in command("simulate", script, "--nodes", 2, "--cpus", 4, *given).stdout.decode()
    )


def test_what_is_not_given_is_asked_for_by_line(command, script):
    done = command("simulate", script, "--nodes", 2, "--cpus", 4)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode() == (
        "script.py: what the program's groups are like is not known before it runs; give --set args.parts=N (line 22), "
        "--size parts=BYTES (line 22), --size more=BYTES (line 23)\n"
    )
    done = command("simulate", script, "--nodes", 2, "--cpus", 4, "--function", "other")
    assert b"give --set n=N (line 29)\n" in done.stderr


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--set", "parts"], "--set parts: give an expression and its value"),
        (["--set", "parts=-1"], "--set parts=-1: give an expression and its value"),
        (["--size", "parts=16XB"], "--size parts=16XB: give a group and the bytes of one result"),
        (["--function", "missing"], "no group was inferred in a function 'missing'; there are groups in main, other"),
        (["--nodes", "0"], "0 is not in the range"),
    ],
)
def test_bad_usage_is_one_clear_sentence(command, script, args, message):
    done = command("simulate", script, "--nodes", 2, "--cpus", 4, *args)
    assert done.returncode == 2 and message in done.stderr.decode()


@pytest.mark.parametrize(
    ("name", "data", "code"), [("bad.py", b"import ray\nx = (\n", 2), ("plain.py", b"print(1)\n", 0), (".", None, 2)]
)
def test_files_with_nothing_to_place(command, tmp_path, name, data, code):
    if data is not None:
        (tmp_path / name).write_bytes(data)
    done = command("simulate", name, "--nodes", 1, "--cpus", 1)
    assert done.returncode == code and b"Traceback" not in done.stderr


def test_it_needs_no_ray(command, script):
    (done := command("simulate", script, "--nodes", 2, "--cpus", 2, *MAIN, RAY_ADDRESS="nowhere:1")).check_returncode()
    assert done.stderr == b""
