"""Runs programs rewritten on a local cluster whose nodes come and go, and compares what they print with plain."""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.cases import running
from tests.corpus.golden import ROOT
from tests.environment import clean_environment

# All of tasks alone: an actor ends with its node, and a plain program with it.
PROGRAMS: Mapping[str, Sequence[str]] = {
    "tests/chaos/programs/steady.py": ["40", "6", "30000"],
    "corpus/crawler/plain.py": ["--pages", "200"],
    "corpus/distributed_sort/plain.py": ["--blocks", "8"],
    "corpus/game_of_life/plain.py": ["--generations", "12"],
    "corpus/group_by/plain.py": [],
    "corpus/hyperparameter_sweep/plain.py": [],
    "corpus/lcs/plain.py": ["--length", "600", "--block", "60"],
    "corpus/mapreduce_text/plain.py": [],
    "corpus/schelling/plain.py": [],
    "corpus/serial_get/plain.py": [],
    "corpus/tree_reduce/plain.py": [],
}
CPUS = 2
STORE_BYTES = 200 * 2**20
# A task is tried again three times by default, and so is one whose value was lost: no program survives more for sure.
MOST_LOSSES = 3
# So many nodes there are besides the head, as far as they come up.
OTHERS = 2
# After so many seconds a program does not end any more.
PATIENCE = 300


class Nodes:
    """A cluster whose head stays, with the driver on it, and whose other nodes are killed and replaced."""

    def __init__(self, seed: int, pause: tuple[float, float]) -> None:
        """`pause` is the least and the most time before a loss, in seconds."""
        from ray.cluster_utils import Cluster

        self.random = random.Random(seed)
        self.pause = pause
        self.lost = 0
        self.cluster: Any = Cluster()
        self._add()
        self.others: list[Any] = []
        self._fill_up()

    def _add(self) -> Any:
        return self.cluster.add_node(num_cpus=CPUS, include_dashboard=False, object_store_memory=STORE_BYTES)

    def outlived_by(self, command: Sequence[str]) -> tuple[int, list[str]]:
        """Exit code and printed lines of a driver on the head node, while which some nodes are lost.

        Raises subprocess.TimeoutExpired when it does not.
        """
        environment = clean_environment(RAY_ADDRESS=self.cluster.address, PYTHONPATH=str(ROOT))
        begin, most = time.monotonic(), self.lost + MOST_LOSSES
        with subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as driver:
            try:
                while time.monotonic() - begin < PATIENCE:
                    try:
                        output, _ = driver.communicate(timeout=self.random.uniform(*self.pause))
                    except subprocess.TimeoutExpired:
                        if self.lost < most:
                            self._replace_one()
                        continue
                    return driver.returncode, output.splitlines()
                raise subprocess.TimeoutExpired(list(command), PATIENCE)
            finally:
                driver.kill()

    def _replace_one(self) -> None:
        if self.others:
            node = self.others.pop(self.random.randrange(len(self.others)))
            self.cluster.remove_node(node, allow_graceful=False)
            self.lost += 1
        self._fill_up()

    def _fill_up(self) -> None:
        """Start the nodes that are missing, as far as they come up in the 30 s that Ray gives each of them."""
        with contextlib.suppress(Exception):
            while len(self.others) < OTHERS:
                self.others.append(self._add())


def differences(
    programs: Mapping[str, Sequence[str]], rounds: int, seed: int, pause: tuple[float, float]
) -> Iterator[str]:
    """A line for each run of a program: empty where it printed what plain Ray gives, or how it differs.

    Raises RuntimeError when no node was lost meanwhile.
    """
    run = [sys.executable, "-m", "rayinfer_cli", "run"]
    nodes = Nodes(seed, pause)
    try:
        for _ in range(rounds):
            for name, given in programs.items():
                before, (expected, output) = nodes.lost, running.plain_inline(ROOT / name, given)
                lines = output.splitlines()
                status, printed = nodes.outlived_by([*run, name, *given])
                # Ray prints what becomes of its nodes in between.
                same = status == expected and [line for line in printed if line in lines] == lines
                what = f"{name}: {nodes.lost - before} nodes lost, exit code {status}, and not {lines}: {printed[-20:]}"
                yield "" if same else what
    finally:
        nodes.cluster.shutdown()
    if not nodes.lost:
        raise RuntimeError("no node was lost: run more programs")
