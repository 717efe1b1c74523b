"""Clusters of their own for the corpus programs, which run as separate processes."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rayinfer.runtime.local_cluster import LocalCluster


@pytest.fixture(scope="package")
def address() -> Iterator[str]:
    """The address of a cluster of three raylets with two CPUs each."""
    cluster = LocalCluster(3, 2)
    yield cluster.address
    cluster.stop()


@pytest.fixture
def job_address() -> Iterator[str]:
    """The HTTP address of a head that takes jobs; `python` there is this interpreter's environment."""
    from ray.cluster_utils import Cluster

    with socket.socket() as free, pytest.MonkeyPatch.context() as patch:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        free.close()
        # A head's agent listens on one fixed port unless told otherwise, and two clusters may run side by side here.
        ports = {"dashboard_port": port, "dashboard_agent_listen_port": 0}
        head = {"num_cpus": 4, "include_dashboard": True, "object_store_memory": 256 << 20, **ports}
        cluster = Cluster(initialize_head=True, head_node_args=head)
        yield f"http://{cluster.head_node.webui_url or f'127.0.0.1:{port}'}"
        cluster.shutdown()
