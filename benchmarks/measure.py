"""Runs the stream job's variants against a local cluster of several raylets and measures latency and traffic."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rayinfer.compiler import compile_source
from rayinfer.runtime.local_cluster import LocalCluster

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "corpus" / "stream_mapreduce"
NODES = 5
CPUS_PER_NODE = 4
MAPS = 1
REDUCERS = 5
OBJECT_STORE_BYTES = 1536 << 20
SETTLE_SECONDS = 3
RECEIVED = re.compile(r'^ray_object_manager_bytes\{[^}]*Type="Received"[^}]*\} (\S+)$', re.MULTILINE)


@dataclass(frozen=True)
class Size:
    """One data size: what it is called, its bytes per map task, the ticks of one run and its time limit in seconds."""

    label: str
    data_bytes: int
    iterations: int
    timeout: float = 240.0


@dataclass
class Run:
    """One finished run of one variant; latencies are in milliseconds, one list per reducer, in order of arrival."""

    size: str
    variant: str
    seconds: float
    iterations: int
    latencies: list[list[float]] = field(default_factory=list)
    received_bytes: float | None = None
    error: str | None = None

    def steady(self) -> NDArray[np.float64]:
        """All latencies but each reducer's first quarter."""
        return np.array([value for one in self.latencies for value in one[len(one) // 4 :]])


def write_variants(folder: Path) -> dict[str, Path]:
    """The three programs compared; the rewritten one is compiled from the plain one into `folder`."""
    plain = CORPUS / "plain.py"
    rewritten = folder / "rewritten.py"
    rewritten.write_bytes(compile_source(plain.read_bytes(), str(plain)).output)
    return {"plain Ray": plain, "hand-written IR": CORPUS / "handwritten_ir.py", "rewritten": rewritten}


class Traffic:
    """Reads how many bytes the raylets of one cluster have received from other nodes."""

    def __init__(self, address: str) -> None:
        # Asks in a process of its own: this one never becomes a driver of the cluster it measures.
        code = (
            "import json, ray; ray.init(log_to_driver=False, logging_level='ERROR');"
            "print(json.dumps([f\"{n['NodeManagerAddress']}:{n['MetricsExportPort']}\" for n in ray.nodes()]))"
        )
        environment = {**os.environ, "RAY_ADDRESS": address}
        output = subprocess.check_output([sys.executable, "-c", code], env=environment, text=True)
        self._metrics: list[str] = json.loads(output.splitlines()[-1])

    def received_bytes(self) -> float | None:
        """Bytes that all raylets' object managers have received from other nodes so far; None if not published."""
        total, found = 0.0, False
        for address in self._metrics:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://{address}/metrics", timeout=5) as reply:
                for value in RECEIVED.findall(reply.read().decode()):
                    total, found = total + float(value), True
        return total if found else None

    def settled_bytes(self) -> float | None:
        """`received_bytes` once it has stood still for three publishing intervals."""
        last, since = self.received_bytes(), time.monotonic()
        while time.monotonic() - since < 3.0:
            time.sleep(0.5)
            now = self.received_bytes()
            if now != last:
                last, since = now, time.monotonic()
        return last


@contextlib.contextmanager
def measured_cluster() -> Iterator[tuple[str, Traffic]]:
    """A local cluster's address and traffic, for the length of the block."""
    # Counters are published once a second, so that a run's traffic can be read soon after its end.
    os.environ.update(RAY_metrics_report_interval_ms="1000")
    cluster = LocalCluster(NODES, CPUS_PER_NODE, OBJECT_STORE_BYTES)
    try:
        yield cluster.address, Traffic(cluster.address)
    finally:
        cluster.stop()


def run_variant(
    address: str, traffic: Traffic | None, variant: str, script: Path, size: Size, options: Sequence[str] = ()
) -> Run:
    """Runs one program to its end, or to the size's time limit, and reads what it measured.

    `options` of its command line win over those chosen here; without `traffic` no bytes are counted.
    """
    environment = {key: value for key, value in os.environ.items() if not key.startswith("RAYINFER_")}
    environment["RAY_ADDRESS"] = address
    before = traffic.received_bytes() if traffic is not None else None
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "latencies.json"
        command = [sys.executable, str(ROOT / "benchmarks" / "warm.py"), str(script), "--json", str(output)]
        command += ["--nodes", str(NODES), "--cpus-per-node", str(CPUS_PER_NODE)]
        command += ["--maps", str(MAPS), "--reducers", str(REDUCERS), "--iterations", str(size.iterations)]
        command += ["--data-size", str(size.data_bytes // 8), "--settle", str(SETTLE_SECONDS)]
        command += options
        start = time.monotonic()
        error = None
        try:
            done = subprocess.run(
                command, env=environment, capture_output=True, text=True, timeout=size.timeout, stdin=subprocess.DEVNULL
            )
            if done.returncode != 0:
                error = f"exit code {done.returncode}: " + (done.stdout + done.stderr)[-2000:]
        except subprocess.TimeoutExpired:
            error = f"not done after {size.timeout:.0f} s"
        run = Run(size.label, variant, round(time.monotonic() - start, 1), size.iterations, error=error)
        if error is None:
            latencies = json.loads(output.read_text())["latencies"]
            run.latencies = [[round(value * 1e3, 1) for value in one] for one in latencies]
    after = traffic.settled_bytes() if traffic is not None else None
    if before is not None and after is not None:
        run.received_bytes = after - before
    return run
