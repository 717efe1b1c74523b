"""The actor that runs the bundles of steady loops. Shipped by value, as the functions are that it calls."""

from __future__ import annotations

from typing import Any

from rayinfer.runtime.carrier_worker import run_carrier
from rayinfer.runtime.worker import run_bundle


class Executor:
    """A long-lived actor that runs the bundles of a steady loop."""

    def ready(self) -> bool:
        """Answer once the actor is up."""
        return True

    def run(self, plan: Any, packed: bytes, *args: Any) -> Any:
        """Run one bundle."""
        return run_bundle(plan, packed, *args)

    def carry(self, *message: Any) -> list[Any]:
        """Run a pack of bundles."""
        return run_carrier(*message)
