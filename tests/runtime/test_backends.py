"""The vanilla backend submits as it goes; which backend is chosen; placements are printed."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
import ray

import rayinfer
import rayinfer.inferred as ri
from rayinfer.runtime import config

pytestmark = pytest.mark.usefixtures("cluster")


@ray.remote
def double(x):
    return x * 2


@ray.remote
class Log:
    def __init__(self):
        self.entries = []

    def add(self, *entries):
        self.entries += entries

    def get(self):
        return self.entries


@pytest.fixture
def vanilla(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "_chosen", "vanilla")


@pytest.mark.usefixtures("vanilla")
def test_vanilla_submits_at_construction() -> None:
    logs = ri.InitActors(Log, 2, (ri.call() for _ in range(2)))
    group = ri.Map(double, None, (ri.call(i) for i in range(3)))
    then = ri.Map(double, group, (ri.call(m) for m in ri.each(group)))
    whole = ri.ReduceActors("add", logs, then)
    assert [len(node.refs) for node in (logs, group, then, whole)] == [2, 3, 3, 2]
    assert ray.get(ri.evaluate(ri.MapActors("get", logs), keep=[then])) == [[0, 4, 8]] * 2
    assert ray.get(ri.evaluate(then)) == [0, 4, 8]
    shared = rayinfer.Broadcast(double, 2, 5)
    assert ray.get(shared.eval()) == [10, 10]


def test_an_unknown_backend_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="no backend 'fast'"):
        rayinfer.configure(backend="fast")
    monkeypatch.setenv("RAYINFER_BACKEND", "other")
    with pytest.raises(ValueError, match="no backend 'other'"):
        config.backend()


def test_placements_are_printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("RAYINFER_PLACEMENT", "1")
    a = ri.Map(double, None, (ri.call(i) for i in range(2)))
    b = ri.Map(double, a, (ri.call(m) for m in ri.each(a)))
    numbers = a.group_id, b.group_id
    ri.evaluate(b)
    printed = capsys.readouterr().err
    for number in numbers:
        assert f"Map double #{number} bundle: " in printed


def test_importing_does_not_import_ray_or_libcst() -> None:
    code = "import sys, rayinfer; print('ray' in sys.modules); import rayinfer.inferred; print('libcst' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "False\nFalse\n"


def test_what_is_pending_at_exit_is_submitted(cluster, tmp_path) -> None:
    script = tmp_path / "left.py"
    script.write_text(
        f"import ray, rayinfer.inferred as ri\n"
        f"ray.init(address={cluster.address!r}, log_to_driver=False, logging_level='error', namespace='exit')\n"
        "@ray.remote\n"
        "class Kept:\n"
        "    def __init__(self): self.seen = []\n"
        "    def add(self, x): self.seen.append(x)\n"
        "    def get(self): return self.seen\n"
        "kept = Kept.options(name='kept', lifetime='detached').remote()\n"
        "ray.get(kept.get.remote())\n"
        "ri.MapActors('add', [kept], [ri.call(1)])\n"
    )
    subprocess.run([sys.executable, str(script)], check=True, capture_output=True, timeout=120)
    kept = ray.get_actor("kept", namespace="exit")
    deadline = time.time() + 10
    while ray.get(kept.get.remote()) != [1] and time.time() < deadline:
        time.sleep(0.05)
    assert ray.get(kept.get.remote()) == [1]
    ray.kill(kept)
