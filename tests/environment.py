"""What the programs that tests start as processes of their own get: a clean environment, and clusters."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator


def clean_environment(**variables: str) -> dict[str, str]:
    """This process's environment and VARIABLES, without what chooses a cluster, a backend or Python's behaviour.

    How Ray's processes authenticate stays: once one cluster of this process has a token, all its later ones do.
    """
    chosen = ("RAY", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(chosen)}
    tokens = {name: value for name, value in os.environ.items() if name.startswith("RAY_AUTH")}
    return {**kept, **tokens, **variables}


@contextlib.contextmanager
def connected_node(cpus: int = 4) -> Iterator[None]:
    """This process is the driver of a cluster of one node that is its own, whatever others run on the machine."""
    import ray

    from rayinfer.runtime.local_cluster import LocalCluster

    cluster = LocalCluster(1, cpus)
    try:
        ray.init(address=cluster.address, log_to_driver=False, logging_level="error")
        yield
    finally:
        cluster.stop()
