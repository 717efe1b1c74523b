"""`rayinfer run --stats` and `--trace`: what is shown of a run, however it ends; and that nothing is, unasked."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections import Counter
from itertools import pairwise

import pytest

from tests.cli.conftest import ROOT
from tests.environment import clean_environment

PROGRAM = """\
import sys

import numpy as np
import ray


@ray.remote
def make(i):
    return np.full(200_000, i)


@ray.remote
def add(x):
    return x + 1


@ray.remote
def small(i):
    return i


@ray.remote
def fail(i):
    raise ValueError(i)


@ray.remote
class Sum:
    def take(self, *xs):
        return float(sum(x.sum() for x in xs))


ray.init()
parts = [make.remote(i) for i in range(4)]
more = [add.remote(x) for x in parts]
sums = [Sum.remote() for _ in range(2)]
print(ray.get([s.take.remote(*more) for s in sums]))
print(sum(ray.get([small.remote(i) for i in range(100)])))
kept = [fail.remote(i) for i in range(2)]
for ref in kept:
    try:
        ray.get(ref)
    except ValueError:
        print("failed")
if "down" in sys.argv:
    ray.shutdown()
raise RuntimeError("at the end")
"""


def rows(table: str) -> dict[int, list[str]]:
    """The cells of each line of the table, by the line of the script."""
    cells = [re.split(r"\s{2,}", line.strip()) for line in table.splitlines()]
    return {int(row[0]): row[1:] for row in cells if row[0].isdigit()}


def well_formed(events: list[dict]) -> None:
    """What chrome://tracing and Perfetto ask of events."""
    threads: dict[tuple[int, int], list[tuple[int, int]]] = {}
    named = {event["pid"] for event in events if event["ph"] == "M" and event["name"] == "process_name"}
    opened: Counter[int] = Counter()
    for event in events:
        assert isinstance(event["pid"], int) and isinstance(event["tid"], int) and event["name"]
        assert event["pid"] in named
        if event["ph"] == "M":
            continue
        assert isinstance(event["ts"], int)
        if event["ph"] == "X":
            assert event["dur"] >= 0
            threads.setdefault((event["pid"], event["tid"]), []).append((event["ts"], event["ts"] + event["dur"]))
        elif event["ph"] in "be":
            opened[event["id"]] += 1 if event["ph"] == "b" else -1
        else:
            assert event["ph"] in "nsf"
    assert not any(opened.values())
    for spans in threads.values():
        # What is on one thread lies inside of one another, or apart.
        for one, following in pairwise(sorted(spans, key=lambda span: (span[0], -span[1]))):
            assert following[0] >= one[1] or following[1] <= max(end for _, end in spans)


@pytest.mark.cluster
@pytest.mark.parametrize("way", ["down", "left up"])
def test_a_run_on_two_nodes_that_fails_at_its_end(command, tmp_path, way):
    (tmp_path / "script.py").write_text(PROGRAM)
    options = ["--stats", "--trace", "out.json", "--local-nodes", 2, "--cpus-per-node", 2]
    # What is pending for over 0.1 s is submitted as it is: so it may be on a busy machine.
    for _ in range(3):
        done = command("run", *options, "script.py", way)
        error = done.stderr.decode()
        assert done.stdout.decode().splitlines() == ["[2000000.0, 2000000.0]", "4950", "failed", "failed"], error
        assert done.returncode == 1 and "RuntimeError: at the end\n" in error
        found = rows(error[error.index("RuntimeError: at the end") :])
        if (found[34][3], found[38][3]) == ("fused", "slices"):
            break
    assert set(found) == {34, 35, 36, 37, 38, 39}
    assert found[34][:4] == ["Map make", "1", "4", "fused"]
    assert found[35][:6] == ["Map add", "1", "4", "bundle", "2 tasks in one: nobody sees what is between", "4"]
    assert found[36][:5] == ["InitActors Sum", "1", "2", "plain", "an actor each"]
    assert found[37][:4] == ["ReduceActors take", "1", "2", "plain"]
    assert found[38][:5] == ["Map small", "1", "100", "slices", "only its values are wanted"]
    assert found[39][:6] == ["Map fail", "1", "2", "plain", "the program holds its refs", "2, 2 failed"]
    trace = json.loads((tmp_path / "out.json").read_text())
    events = trace["traceEvents"]
    well_formed(events)
    carried = [event for event in events if event["ph"] == "X" and "group" in event["args"]]
    assert Counter(event["args"]["site"].rpartition(":")[2] for event in carried)["35"] == 4
    groups = {event["args"]["site"].rpartition(":")[2]: event["args"] for event in events if event["ph"] == "b"}
    assert groups["34"]["members"] == groups["35"]["members"] == 4
    assert groups["38"]["mode"] == "slices"
    nodes = {event["args"]["name"] for event in events if event["name"] == "process_name"}
    # Of some task that no group has, Ray may not have recorded where it ran by the end of a short script.
    assert sum(name.startswith("node ") for name in nodes - {"node unknown"}) == 2
    # Both actors sit where some of what they take is; the others cross, once to each node.
    arrows = [event for event in events if event["ph"] == "s"]
    moved = sum(event["args"]["bytes"] for event in arrows)
    assert len(arrows) == len([event for event in events if event["ph"] == "f"])
    assert ("MB" in found[37][-1]) == bool(moved)
    for event in arrows:
        assert event["args"]["to"] == "line 37: ReduceActors take" and 1_600_000 <= event["args"]["bytes"] < 1_700_000


SHORT = """\
import sys

import ray


@ray.remote
def square(x):
    return x * x


refs = [square.remote(i) for i in range(4)]
print(ray.get(refs))
if "exit" in sys.argv:
    sys.exit(3)
if "wait" in sys.argv:
    import time

    time.sleep(100)
"""


@pytest.mark.parametrize(("args", "code"), [([], 0), (["exit"], 3)])
def test_inline_runs_are_shown_too(command, tmp_path, args, code):
    (tmp_path / "script.py").write_text(SHORT)
    done = command("run", "--backend", "inline", "--stats", "--trace", "out.json", "script.py", *args)
    assert (done.returncode, done.stdout) == (code, b"[0, 1, 4, 9]\n")
    assert rows(done.stderr.decode())[11][:5] == ["Map square", "1", "4", "inline", "the backend is inline"]
    events = json.loads((tmp_path / "out.json").read_text())["traceEvents"]
    well_formed(events)
    assert [event["args"]["members"] for event in events if event["ph"] == "b"] == [4]


def test_a_script_that_is_terminated_leaves_its_trace(tmp_path):
    (tmp_path / "script.py").write_text(SHORT.replace("ray.get(refs))", "ray.get(refs), flush=True)"))
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "rayinfer_cli",
            "run",
            "--backend",
            "inline",
            "--trace",
            "out.json",
            "script.py",
            "wait",
        ],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        env=clean_environment(PYTHONPATH=str(ROOT)),
    )
    assert process.stdout is not None and process.stdout.readline() == b"[0, 1, 4, 9]\n"
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 128 + signal.SIGTERM
    well_formed(json.loads((tmp_path / "out.json").read_text())["traceEvents"])


def test_a_script_without_ray_or_groups(command, tmp_path):
    (tmp_path / "none.py").write_text("print(1)\n")
    done = command("run", "--stats", "--trace", "out.json", "none.py")
    assert (done.returncode, done.stdout) == (0, b"1\n")
    assert done.stderr == b"none.py: no Ray was used: there is nothing to show\n"
    assert json.loads((tmp_path / "out.json").read_text()) == {"traceEvents": []}
    (tmp_path / "none.py").write_text("import ray\nprint(1)\n")
    assert b"none.py: no group was submitted\n" in command("run", "--stats", "none.py").stderr


@pytest.mark.parametrize("path", ["missing/out.json", "."])
def test_a_trace_that_cannot_be_written_is_said_before_the_script_runs(command, tmp_path, path):
    (tmp_path / "script.py").write_text(SHORT)
    done = command("run", "--backend", "inline", "--trace", path, "script.py")
    assert (done.returncode, done.stdout) == (2, b"") and b"name a file in a folder that exists" in done.stderr


def test_unasked_nothing_is_watched(command, tmp_path):
    watched = "print([name for name in sys.modules if name.endswith(('.observer', '.trace', '.reasons', 'rich'))])\n"
    (tmp_path / "script.py").write_text(SHORT + watched)
    done = command("run", "--backend", "inline", "script.py")
    assert done.stdout.splitlines()[-1] == b"[]"
