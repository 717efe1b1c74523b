"""Groups inside expressions, and those of tasks whose refs only one `ray.get` sees, also through a name."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from rayinfer.build.region import Region
from rayinfer.facts.walk import walk
from rayinfer.patterns.awaited import comes_first, get_around
from rayinfer.patterns.context import Candidate, Context


def inline_get(candidate: Candidate, context: Context) -> cst.Call | None:
    """The `ray.get` that takes a comprehension of tasks and nothing else, if there is one around it."""
    return get_around(candidate.holder, context) if _is_list_of_tasks(candidate) else None


def region_get(leaf: cst.CSTNode, region: Region, context: Context) -> cst.Call | None:
    """The `ray.get` in the statement behind a region that alone sees its last group, the only one that is live there.

    The statement follows the list's own in the same suite, so that it runs once for each list, and takes it first.
    """
    *before, candidate = region.groups
    live = region.live(context) - {candidate.spelling}
    if any(one.taken_in or one.spelling in live for one in before):
        return None
    if not _is_list_of_tasks(candidate) or candidate.definition is None:
        return None
    growing = {id(node) for fill in candidate.fills for stmt in fill.stmts for node in walk(stmt)}
    uses = [use for use in context.flow.uses(candidate.definition) if id(use) not in growing]
    if len(uses) != 1 or set(context.flow.reaching(uses[0])) != {candidate.definition}:
        return None
    call = get_around(uses[0], context)
    return call if call is not None and comes_first(call, leaf, context) else None


def _is_list_of_tasks(candidate: Candidate) -> bool:
    callees = [candidate.callee, *(fill.callee for fill in candidate.fills)]
    if candidate.rowed or any(callee.kind != "task" or callee.several for callee in callees):
        return False
    return candidate.form == "append" or isinstance(candidate.holder, cst.ListComp)


def inline_statements(candidates: Sequence[Candidate], context: Context) -> dict[int, list[Candidate]]:
    """The groups that are evaluated in place, by the statement in whose expressions they stand."""
    found: dict[int, list[Candidate]] = {}
    for candidate in candidates:
        if candidate.inline:
            node: cst.CSTNode | None = candidate.holder
            while node is not None and not isinstance(node, cst.BaseSmallStatement | cst.BaseCompoundStatement):
                node = context.parent(node)
            found.setdefault(id(node), []).append(candidate)
    return found
