"""Why members were submitted in the mode that they were, in a few words for the user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rayinfer.passes.hazards import hazard
from rayinfer.runtime import config, rayprivate
from rayinfer.runtime.tasks import info

if TYPE_CHECKING:
    from rayinfer.runtime.nodes import Node
    from rayinfer.runtime.regions import Batch


_CALLS = "calls on actors go as they are"


def why(node: Node, mode: str, batch: Batch, steps: int) -> str:
    """Why a group that was submitted in a batch went in this mode; `steps` is the length of its chain."""
    if node.kind == "InitActors":
        return "an actor each"
    if node.kind in ("MapActors", "ReduceActors"):
        return _CALLS
    if mode == "not submitted":
        return "a submission before it raised"
    if mode == "tiles":
        return "members take earlier ones; many run as one task"
    if mode == "pieces":
        return "short tasks that take one another; many run as one task"
    if mode == "carriers":
        return "short tasks that only compute: many run as one task, with a result each"
    if mode != "plain":
        chained = (
            f"{steps} tasks in one: nobody sees what is between"
            if steps > 1
            else "short tasks, nobody holds their refs"
        )
        if mode == "packs":
            return f"{chained}; short ones of one node go together"
        return chained if mode == "bundle" else f"a steady loop; {chained}"
    return _why_alone(node, batch)


def direct(node: Node) -> str:
    """Why members were submitted as the plain program submits them."""
    if config.backend() != "group":
        return f"the backend is {config.backend()}"
    if node.kind in ("MapActors", "ReduceActors") and not node.direct:
        return _CALLS
    return "called as the plain program calls it"


def _why_alone(node: Node, batch: Batch) -> str:
    known = info(node.task)
    if known.shares is None:
        function = rayprivate.function_of(known.base or node.task)
        found = hazard(function) if function is not None else None
        if found is not None:
            return f"its code {found}"
        return "its options" if not known.placeable or function is not None else "its code is not seen"
    if node in batch.open:
        return "the program holds its refs"
    if node.kind == "Broadcast":
        return "one task"
    return "nothing to run it with"
