"""A real Ray cluster of several raylets on this machine, for the length of one program."""

from __future__ import annotations

from typing import Any

NODE_STORE_BYTES = 512 * 1024 * 1024


class LocalCluster:
    """A running cluster of `nodes` raylets with `cpus` logical CPUs each; `address` is what RAY_ADDRESS takes."""

    def __init__(self, nodes: int, cpus: int, store_bytes: int = NODE_STORE_BYTES) -> None:
        """Start the cluster and wait until all its nodes are there.

        A busy machine may take longer than the 30 s that Ray 2.60 gives each node: the cluster is then started once
        more. What a failed start leaves behind ends at the latest with this process.
        """
        try:
            self._start(nodes, cpus, store_bytes)
        except Exception:
            self._start(nodes, cpus, store_bytes)
        self.address = str(self._cluster.address)

    def _start(self, nodes: int, cpus: int, store_bytes: int) -> None:
        from ray.cluster_utils import Cluster

        self._cluster: Any = Cluster()
        try:
            for _ in range(nodes):
                self._cluster.add_node(
                    num_cpus=cpus, include_dashboard=False, object_store_memory=store_bytes, wait=False
                )
            self._cluster.wait_for_nodes(timeout=120)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Disconnect this process and end the cluster's own processes; a second call does nothing."""
        cluster, self._cluster = self._cluster, None
        if cluster is None:
            return
        import ray

        try:
            ray.shutdown()
        finally:
            cluster.shutdown()
