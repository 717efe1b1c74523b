"""Reads of a group's refs as they are: why a region ends there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import libcst as cst

from rayinfer.facts.ray_names import is_of_ray
from rayinfer.facts.walk import upwards, walk
from rayinfer.patterns.context import Candidate, Context


def why_read(
    statement: cst.CSTNode, groups: Sequence[Candidate], escapes: Mapping[int, Sequence[Candidate]], context: Context
) -> str:
    """Why a region with `groups` ends at a statement that uses refs as they are, with the call of Ray that takes them.

    `escapes` are such reads by the identity of the name, with the groups that it may stand for.
    """
    inside = {id(candidate) for candidate in groups}
    for name in walk(statement):
        found = [one for one in escapes.get(id(name), ()) if id(one) in inside]
        if not found:
            continue
        read = found[0]
        reason = f"the refs of `{read.name}` are used as they are"
        if read.tiled:
            reason = f"a cell of `{read.name}` is read"
        for node in upwards(name, context.parents):
            called = context.names.dotted(node.func) if isinstance(node, cst.Call) else None
            if called is not None and is_of_ray(called):
                return f"{called}: {reason}"
            if isinstance(node, cst.Return):
                return f"return: {reason}"
        return reason
    raise AssertionError("no refs are used here")
