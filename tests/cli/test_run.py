"""`rayinfer run`: what the script sees and how it ends are those of `python script.py`."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.environment import clean_environment

SCRIPT = '''\
"""A script about ray, with a docstring."""
from __future__ import annotations

import atexit
import sys

import ray

import sibling


@ray.remote
def square(x):
    return x * x


def deep(value):
    return (value.missing
            + 1)


atexit.register(lambda: print("at exit", sys.modules["__main__"].deep is deep))
print(__name__, __file__, sys.argv, sys.path[0], __doc__, __spec__, __package__, sibling.VALUE)
print(sys.modules["__main__"].deep is deep, sorted(name for name in globals() if name.startswith("__")))
kind = sys.argv[1] if len(sys.argv) > 1 else ""
if kind == "text":
    sys.exit("a text")
if kind == "code":
    raise SystemExit(7)
if kind == "big":
    sys.exit(1000)
if kind == "none":
    sys.exit()
if kind == "interrupt":
    raise KeyboardInterrupt
if kind == "hook":
    sys.excepthook = lambda *error: print("hooked", error[1])
    raise ValueError("mine")
if kind == "fail":
    try:
        deep(1)
    except AttributeError as error:
        raise RuntimeError("while deep") from error
if kind == "group":
    refs = [square.remote(i) for i in range(deep(2))]
if kind == "broken":
    raise BrokenPipeError("mine")
print("done")
'''


@pytest.fixture
def script(tmp_path):
    (tmp_path / "sibling.py").write_text("VALUE = 5\n")
    path = tmp_path / "script.py"
    path.write_text(SCRIPT)
    return path


CASES = [
    [], ["text"], ["code"], ["big"], ["none"], ["hook"], ["fail"], ["broken"], ["interrupt"],
    ["--help", "-x", "--", "a b"],
]  # fmt: skip


@pytest.mark.parametrize("args", CASES, ids=lambda args: " ".join(args) or "plain")
@pytest.mark.parametrize("folder", ["", "./sub/../"], ids=["here", "by a path"])
def test_it_is_as_if_python_had_run_the_script(command, python, script, tmp_path, args, folder):
    (tmp_path / "sub").mkdir()
    ours, theirs = command("run", f"{folder}script.py", *args), python(f"{folder}script.py", *args)
    assert ours.stdout == theirs.stdout
    assert ours.stderr == theirs.stderr
    expected = 130 if args == ["interrupt"] else theirs.returncode
    assert ours.returncode == expected


def test_an_error_in_a_rewritten_line_stands_on_the_users_line(command, python, script):
    ours, theirs = command("run", "script.py", "group"), python("script.py", "group")
    without_carets = [line for line in theirs.stderr.decode().splitlines() if set(line) - set(" ^~")]
    assert [line for line in ours.stderr.decode().splitlines() if set(line) - set(" ^~")] == without_carets
    assert "rayinfer" not in ours.stderr.decode() and ours.returncode == 1
    debug = command("run", "script.py", "group", RAYINFER_DEBUG="1")
    assert "rayinfer" in debug.stderr.decode()


def test_a_script_from_standard_input(command, python, script):
    ours, theirs = command("run", "-", "a", stdin=SCRIPT.encode()), python("-", "a", stdin=SCRIPT.encode())
    assert (ours.returncode, ours.stdout, ours.stderr) == (theirs.returncode, theirs.stdout, theirs.stderr)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("bad.py", b"import ray\nx = (1,\n", b"bad.py:2:"),
        ("bad.py", b"x = '\xe9'\n", b"bad.py:1:"),
        ("missing.py", None, b"missing.py: no such file"),
        (".", None, b".: is a folder"),
    ],
    ids=["syntax error", "not utf-8", "missing", "folder"],
)
def test_a_script_that_cannot_be_run(command, tmp_path, name, data, message):
    if data is not None:
        (tmp_path / name).write_bytes(data)
    done = command("run", name)
    assert done.returncode == 2 and done.stdout == b"" and message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_inline_needs_no_cluster(command, plain):
    done = command("run", "--backend", "inline", "plain.py")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"[0, 1, 4, 9]\n", b"")


def test_inline_failing_task(command, plain):
    plain.write_text(plain.read_text().replace("return x * x", "return x / 0"))
    done = command("run", "--backend", "inline", "plain.py")
    error = done.stderr.decode()
    assert done.returncode == 1 and "rayinfer" not in error and error.endswith("ZeroDivisionError: division by zero\n")
    assert f'File "{plain}", line 10, in <module>' in error and f'File "{plain}", line 6, in square' in error


def test_pdb_inside_a_task_inline(command, plain):
    plain.write_text(plain.read_text().replace("    return x * x", "    breakpoint()\n    return x * x"))
    done = command("run", "--backend", "inline", "plain.py", stdin=b"p 'x is', x\nq\n")
    assert b"('x is', 0)" in done.stdout and done.returncode == 1 and b"BdbQuit" in done.stderr


CLUSTER = """\
import os
import sys

import ray

import sibling


class Local:
    def __init__(self, value):
        self.value = value


@ray.remote
def shift(x):
    import sibling

    if x == 9:
        raise ValueError("nine")
    return Local(sibling.VALUE + x), os.path.basename(shift.__module__)


if "init" in sys.argv:
    ray.init()
found = ray.get([shift.remote(i) for i in range(3)])
print([one.value for one, _ in found], all(isinstance(one, Local) for one, _ in found))
print(len(ray.nodes()), ray.cluster_resources()["CPU"], os.environ["RAYINFER_BACKEND"])
ray.get(shift.remote(9))
"""


@pytest.fixture
def cluster_script(tmp_path):
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "sibling.py").write_text("VALUE = 5\n")
    (tmp_path / "work" / "script.py").write_text(CLUSTER)
    return tmp_path / "work" / "script.py"


def raylets_of(mark: str) -> list[str]:
    """The Ray processes whose environment holds RAYINFER_TEST=`mark`."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if f"RAYINFER_TEST={mark}".encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes().decode())
    return [line for line in found if "raylet" in line or "gcs_server" in line]


@pytest.mark.cluster
@pytest.mark.parametrize(("backend", "init"), [("group", "init"), ("vanilla", "")])
def test_a_local_cluster_for_one_script(command, cluster_script, backend, init):
    mark = f"{os.getpid()}-{backend}"
    args = ["--backend", backend, "--local-nodes", 2, "--cpus-per-node", 3, "work/script.py", init]
    done = command("run", *args, RAYINFER_TEST=mark)
    assert done.stdout.decode().splitlines() == ["[5, 6, 7] True", f"2 6.0 {backend}"], done.stderr
    error = done.stderr.decode()
    assert done.returncode == 1 and 'script.py", line 28, in <module>' in error
    assert 'script.py", line 19, in shift' in error and error.endswith("ValueError: nine\n")
    assert not re.search(r'File "[^"]*/(rayinfer/runtime|rayinfer_cli|click)/', error)
    assert raylets_of(mark) == []


@pytest.mark.cluster
def test_terminating_stops_the_local_cluster(tmp_path):
    (tmp_path / "script.py").write_text("import ray, time\nray.init()\nprint('up', flush=True)\ntime.sleep(100)\n")
    mark = f"{os.getpid()}-terminated"
    process = subprocess.Popen(
        [sys.executable, "-m", "rayinfer_cli", "run", "--local-nodes", "1", "script.py"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=clean_environment(RAYINFER_TEST=mark),
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    assert raylets_of(mark)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) != 0
    deadline = time.monotonic() + 20
    while raylets_of(mark) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert raylets_of(mark) == []


@pytest.mark.cluster
def test_an_address_is_where_the_script_runs(command, cluster_script):
    code = (
        "import sys\nfrom rayinfer.runtime.local_cluster import LocalCluster\ncluster = LocalCluster(1, 5)\n"
        "print(cluster.address, flush=True)\nsys.stdin.read()\ncluster.stop()\n"
    )
    server = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=clean_environment(),
    )
    assert server.stdout is not None and server.stdin is not None
    try:
        address = server.stdout.readline().decode().split()[-1]
        done = command("run", "--address", address, "work/script.py")
        assert done.stdout.decode().splitlines() == ["[5, 6, 7] True", "1 5.0 group"], done.stderr
    finally:
        server.stdin.close()
        assert server.wait(60) == 0


def test_pythons_warnings_come_once(command, tmp_path):
    (tmp_path / "script.py").write_text("import ray\nx = 1\nprint(x is 1, 'ray.remote')\n")
    assert command("run", "script.py").stderr.count(b"SyntaxWarning") == 1
    assert command("rewrite", "script.py").stderr.count(b"SyntaxWarning") == 0


def test_a_script_that_has_not_changed_is_not_compiled_again(command, tmp_path: Path) -> None:
    script, tasks = tmp_path / "again.py", tmp_path / "tasks.py"
    script.write_text("import ray\nfrom tasks import f\n\nprint(ray.get([f.remote(i) for i in range(3)]))\n")
    text = "import sys\nimport ray\n\n@ray.remote\ndef f(x):\n    return x\n\nprint('libcst' in sys.modules)\n"
    tasks.write_text(text)

    def printed() -> list[str]:
        done = command("run", "--backend", "inline", "again.py")
        assert done.returncode == 0, done.stderr
        return done.stdout.decode().splitlines()

    assert [printed(), printed()] == [["True", "[0, 1, 2]"], ["False", "[0, 1, 2]"]]
    tasks.write_text(text.replace("return x", "return -x"))
    assert [printed(), printed()] == [["True", "[0, -1, -2]"], ["False", "[0, -1, -2]"]]
    script.write_text(script.read_text().replace("range(3)", "range(2)"))
    assert [printed(), printed()] == [["True", "[0, -1]"], ["False", "[0, -1]"]]
