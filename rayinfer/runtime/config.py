"""Run-time configuration: which backend submits the nodes, and what is printed, verified or watched."""

from __future__ import annotations

import atexit
import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rayinfer.ir.graph import Graph

BACKENDS = ("group", "vanilla", "inline")
_chosen: str | None = None
# What the program at a path is checked against as it runs: its inferred graphs, and the line each group is made on.
verified: tuple[Sequence[Graph], Mapping[int, int], str] | None = None
# Whether it is watched what is submitted and what becomes of it.
observed = False


def configure(*, backend: str | None = None) -> None:
    """Choose the backend of this process; it wins over `RAYINFER_BACKEND`.

    Raises ValueError when there is no such backend.
    """
    global _chosen
    if backend is not None:
        _chosen = _known(backend)
        prepare()


def prepare() -> None:
    """Put the inline backend in Ray's place until the process ends, exit handlers included, if it is in force."""
    if backend() == "inline":
        import ray

        if not ray.get.__module__.startswith("rayinfer."):
            from rayinfer.runtime.inline import inline_ray

            patched = ExitStack()
            patched.enter_context(inline_ray())
            atexit.register(patched.close)


def backend() -> str:
    """The backend in force: as configured, else of `RAYINFER_BACKEND`, else `group`."""
    return _chosen or _known(os.environ.get("RAYINFER_BACKEND") or "group")


def prints_placement() -> bool:
    """Whether every group's placement is printed on standard error."""
    return os.environ.get("RAYINFER_PLACEMENT", "0") not in ("", "0")


def _known(name: str) -> str:
    if name not in BACKENDS:
        raise ValueError(f"no backend {name!r}: choose one of {', '.join(BACKENDS)}")
    return name
