"""The check of executed graphs finds every single change to an inferred one, save what it could not see."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from rayinfer.compiler import Compiled
from rayinfer.ir.graph import Evaluation, Graph
from rayinfer.ir.instance import Checker, Ended, Executed, Run, operand_difference
from rayinfer.ir.nodes import OTHER, All, Each, Group, MapActors, Some, Value
from rayinfer.runtime import recorder
from tests.cases import running
from tests.cases.golden import CHANGE, compiled
from tests.ir.mutants import Mutant, mutants


@dataclass
class Ran:
    """What one program executed, to be checked again, and what of its inferred graph was seen to run."""

    compiled: Compiled
    events: list[tuple[str, Run, Any]] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    groups: dict[int, list[Executed]] = field(default_factory=dict)
    evaluations: set[Evaluation] = field(default_factory=set)
    # Those that were given lists or refs, and no groups.
    of_lists: set[Evaluation] = field(default_factory=set)


def run(program: Compiled, path: Path) -> Ran:
    """Run a rewritten program with its regions deferred, and keep what it executed."""
    ran = Ran(program)

    class Keeping(Checker):
        def begin(self, function: str, first_line: int) -> Run:
            found = super().begin(function, first_line)
            ran.runs.append(found)
            ran.events.append(("begin", found, (function, first_line)))
            return found

        def region(self, run: Run, groups: Sequence[Executed], ended: Ended | None) -> frozenset[int]:
            ran.events.append(("region", run, (list(groups), ended)))
            return super().region(run, groups, ended)

        def _arguments(self, run: Run, executed: Executed) -> tuple[int, str] | None:
            found = super()._arguments(run, executed)
            for number in run.known.stands_for.get(executed.group.id, ()):
                ran.groups.setdefault(number, []).append(executed)
            return found

        def _evaluation(self, run: Run, ended: Ended) -> tuple[int, str] | None:
            in_place = bool(run.in_place)
            found = super()._evaluation(run, ended)
            if found is None and run.graph is not None and not in_place:
                items = self.automata[run.graph]._items
                ended_here = {item for s in run.states if isinstance(item := items[s], Evaluation)}
                ran.evaluations |= ended_here
                if not any(ended.escaping):
                    ran.of_lists |= ended_here
            return found

    with mock.patch.object(recorder, "Checker", Keeping):
        running.rewritten_deferred(program, path)
    return ran


def check(ran: Ran, graphs: Sequence[Graph]) -> Checker:
    """What was executed, checked against other graphs."""
    checker = Checker(graphs, dict(ran.compiled.made_at))
    runs: dict[int, Run] = {}
    for kind, old, arguments in ran.events:
        if kind == "begin":
            runs[id(old)] = checker.begin(*arguments)
        else:
            checker.region(runs[id(old)], *arguments)
    return checker


def why_equivalent(mutant: Mutant, ran: Ran) -> str | None:
    """Why what was executed is an instance of the changed graph as well; None when it ought not to be.

    The name of a group that has escaped holds a list of the program's own, in which there may be anything.
    """
    old, new = mutant.item, mutant.changed
    if isinstance(old, Evaluation):
        graphs = ran.compiled.graphs
        ended = [(group, graph) for graph in graphs for group in graph.groups() if group.name in old.escaping]
        if any(_beside(group, graph, ran) for group, graph in ended):
            return "another group that is made on its line takes its place"
        if old in ran.of_lists and isinstance(new, Evaluation) and len(new.escaping) == len(old.escaping):
            return "a list of the program's own goes by its name"
        return "never ran" if old not in ran.evaluations else None
    assert isinstance(old, Group)
    executed = ran.groups.get(old.id, [])
    if not executed:
        return "never ran"
    beside = [other for graph in ran.compiled.graphs for other in _beside(old, graph, ran)]
    executed = [one for one in executed if not any(_fits(other, one) for other in beside)]
    if not executed:
        return "another group that is made on its line takes its place"
    if not isinstance(new, Group):
        return None
    if not any(one.shapes for one in executed) and (new.args != old.args or isinstance(new, MapActors)):
        return "ran without members"
    if not any(one.complete for one in executed) and new.width != old.width:
        return "an exception ended it before its width was seen"
    shapes = {len(shape) for one in executed for shape in one.shapes}
    if new.args != old.args and shapes <= {len(members.args) for members in new.more}:
        return "another call adds members with as many arguments"
    escaped = {OTHER}.union(*(run.known.escaped for run in ran.runs))
    if isinstance(new, MapActors) and isinstance(old, MapActors) and new.actors != old.actors:
        return None if escaped.isdisjoint(new.actors) else "its refs had escaped"
    apart = {number for a in old.args if isinstance(a.slot, All) for number in a.slot.groups}
    if len(new.args) > len(old.args) and not escaped.isdisjoint(apart):
        return "its refs had escaped, and there may be any number of them"
    for place, (before, after) in enumerate(zip(old.args, new.args, strict=False)):
        if before == after:
            continue
        slots = [slot for slot in (before.slot, after.slot) if not isinstance(slot, Value)]
        if any(not escaped.isdisjoint(slot.groups) for slot in slots):
            return "its refs had escaped"
        given = {type(a.slot) for one in executed for shape in one.shapes for a in shape}
        if shapes == {len(old.args)}:
            given = {type(shape[place].slot) for one in executed for shape in one.shapes}
        if isinstance(after.slot, Some) and isinstance(before.slot, Each):
            return "the members of every one-to-one dependency are some members"
        if isinstance(before.slot, Some) and isinstance(after.slot, Each) and Some not in given:
            return "the members kept their numbers"
        if isinstance(after.slot, All) or isinstance(before.slot, All):
            widths = {len(one.shapes[0]) for one in executed if one.shapes}
            if widths <= {len(old.args)} and All not in given:
                return "a whole group of one member"
    return None


def _beside(group: Group, graph: Graph, ran: Ran) -> list[Group]:
    made_at = dict(ran.compiled.made_at)
    return [g for g in graph.groups() if g.id != group.id and made_at[g.id] == made_at[group.id]]


def _fits(group: Group, one: Executed) -> bool:
    same_length = all(len(shape) == len(group.args) for shape in one.shapes)
    return operand_difference(group, one) is None and same_length


@pytest.mark.parametrize("case", CHANGE, ids=lambda case: case.stem)
def test_every_change_to_the_graph_is_found(case: Path) -> None:
    counts_of(case)


@functools.cache
def counts_of(case: Path) -> Counter[str]:
    """What became of every mutant of a case."""
    return check_mutants(run(compiled(case), case))


def check_mutants(ran: Ran) -> Counter[str]:
    """Fail unless every mutant is found or equivalent; how many there were of each, by reason."""
    graphs = ran.compiled.graphs
    assert not check(ran, graphs).mismatches
    assert ran.groups
    counts: Counter[str] = Counter()
    for index, graph in enumerate(graphs):
        for mutant in mutants(graph):
            mismatches = check(ran, [*graphs[:index], mutant.graph, *graphs[index + 1 :]]).mismatches
            if mismatches:
                assert all(part in mismatches[0].report() for part in ("line ", "inferred:", "executed:"))
            reason = "found" if mismatches else why_equivalent(mutant, ran)
            assert reason is not None, mutant.text
            counts[reason] += 1
    return counts


def test_most_changes_are_found() -> None:
    counts: Counter[str] = Counter()
    for case in CHANGE:
        counts += counts_of(case)
    assert counts["found"] > 2000
    assert 4 * (counts.total() - counts["found"]) < counts.total()
