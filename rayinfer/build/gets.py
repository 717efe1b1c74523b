"""Groups and gets inside expressions, and groups of tasks whose refs only one `ray.get` sees, also through a name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import libcst as cst

from rayinfer.build.region import Region
from rayinfer.facts.walk import statement_of, upwards, walk
from rayinfer.ir.graph import Evaluation, Item
from rayinfer.ir.nodes import Group
from rayinfer.patterns.awaited import comes_first, get_around
from rayinfer.patterns.context import Candidate, Context
from rayinfer.patterns.passed import Passed


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


def inline_statements(
    candidates: Sequence[Candidate], passed: Sequence[Passed], context: Context
) -> dict[int, list[Candidate | Passed]]:
    """The groups that are evaluated in place, and the gets, by the statement in whose expressions they stand.

    A get comes behind the groups that it gets, and before the others.
    """
    found: dict[int, list[Candidate | Passed]] = {}
    inline = [candidate for candidate in candidates if candidate.inline]
    around = {id(call) for candidate in inline for call in _calls_around(candidate.holder, context)}
    early, late = ([one for one in passed if (id(one.get) in around) is is_late] for is_late in (False, True))
    every: list[Candidate | Passed] = [*early, *inline, *late]
    for one in every:
        node = one.get if isinstance(one, Passed) else one.holder
        found.setdefault(id(statement_of(node, context.parents)), []).append(one)
    return found


def _calls_around(node: cst.CSTNode, context: Context) -> Iterator[cst.Call]:
    for above in upwards(context.parent(node), context.parents):
        if isinstance(above, cst.Call):
            yield above


def in_place(found: Sequence[Candidate | Passed], made: Callable[[Candidate], Group], reason: str) -> Iterator[Item]:
    """The IR of what a statement's expressions make and evaluate at once, and of the gets that they pass on."""
    for one in found:
        if isinstance(one, Passed):
            yield one.evaluation
        else:
            group = made(one)
            line = group.span.line if group.span is not None else 0
            yield group
            yield Evaluation(line, f"in place: {one.why or reason}", in_place=True)
