"""Regions: maximal runs of statements whose submissions can be deferred together, and where each ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import libcst as cst

from rayinfer.build.gets import in_place, region_get
from rayinfer.build.raising import has_names, iteration_may_raise, may_raise, prelude, submitted
from rayinfer.build.reads import why_read
from rayinfer.build.region import Opaque, Region, RegionEnd, alone, growth, is_lone, waits
from rayinfer.build.singles import singles
from rayinfer.build.statements import (
    first_effect,
    impurity,
    is_jump_inside,
    leaves,
    statements_of,
    suites,
    tested,
)
from rayinfer.facts.effects import impure_part, takes_apart
from rayinfer.facts.flow import surely_bind
from rayinfer.facts.syntax import clauses, target_parts
from rayinfer.facts.walk import walk
from rayinfer.ir.graph import Block, Evaluation, Item
from rayinfer.ir.nodes import Group
from rayinfer.patterns import held, joining
from rayinfer.patterns.context import Candidate, Context, Fill, Stretch
from rayinfer.patterns.filling import has_jumps
from rayinfer.patterns.passed import Passed

_SEEN = {"joined": joining.seen_while_growing, "held": held.seen_while_growing}


@dataclass
class Regions:
    """Walks the statements of one block. `refuse` records a group that must be left alone, for another round."""

    context: Context
    group_of: Callable[[Candidate], Group]
    refuse: Callable[[Candidate, str, str], None]
    starts: dict[int, Candidate]
    fills: dict[int, tuple[Candidate, Fill]]
    inline: dict[int, list[Candidate | Passed]]
    escapes: dict[int, list[Candidate]]
    stretches: dict[int, Stretch] = field(default_factory=dict)
    ends: list[RegionEnd] = field(default_factory=list)
    # What the loops that a region spans go over, where that may run code between two submissions.
    yielding: list[cst.BaseExpression] = field(default_factory=list)

    def suite(self, statements: Sequence[cst.CSTNode], end_line: int, end: str) -> list[Item]:
        """The IR of a suite's statements; `end` says what ends a region that reaches the suite's last statement."""
        items: list[Item] = []
        region = Region()
        own = {id(statement) for statement in statements}
        left = list(reversed(statements))
        while left:
            statement = left.pop()
            stretch = self.stretches.get(id(statement))
            if stretch is not None:
                why = "single tasks follow that take one another"
                region, begun = self._before(stretch.statements, region, items, self._line(statement), why)
                del left[len(left) - len(stretch.statements) + 1 :]
                items.extend(self._stretch(stretch, left[-1] if left else None, end_line, end))
                items.extend(begun)
                continue
            small = alone(statement)
            leaf = small if small is not None else statement
            start = self.starts.get(id(leaf))
            # What a list that starts here grows by must not end the region that it starts in.
            grown = growth(start, own, self.context) if start is not None and region.groups else []
            read = next((part for part in (leaf, *grown) if self._escaping(part, region.groups)), None)
            if read is not None:
                region.groups[-1].got = region_get(leaf, region, self.context) if read is leaf else None
                why = why_read(read, region.groups, self.escapes, self.context)
                region, begun = self._before([leaf], region, items, self._line(leaf), why)
                items.extend(begun)
            before = self._first(start, leaf, region) if start is not None else self._raises(leaf, region)
            if before is not None:
                region, begun = self._before([leaf], region, items, self._line(leaf), before)
                items.extend(begun)
            if start is not None:
                items.extend(self._in_place(leaf, before or ""))
                self._submit(start, region, statement, items)
                continue
            if small is not None and id(small) in self.fills:
                self._fill(self.fills[id(small)][0], region, statement, items)
                region = self._taken_in(statement, region, items)
                continue
            reason = impurity(statement, self.context)
            if reason is None:
                continue
            if small is None and isinstance(statement, cst.For | cst.If):
                yielding, made, before_it = len(self.yielding), len(region.groups), len(items)
                try:
                    blocks = self._transparent(statement, region, items)
                except Opaque as opaque:
                    del self.yielding[yielding:]
                    reason = f"{reason}: {opaque.reason}"
                    self._refuse_open(statement, region, opaque.reason)
                else:
                    if not region.groups:
                        del self.yielding[yielding:]
                    made = len(region.groups) - made
                    if made and isinstance(statement, cst.If) and self.context.in_loop(statement):
                        region.branches.append((statement, before_it, made))
                    items.extend(blocks)
                    region = self._taken_in(statement, region, items)
                    continue
            region, begun = self._before([statement], region, items, self._line(leaf), reason)
            items.extend(self._end_statement(statement, reason))
            items.extend(begun)
        self._close(region, items, end_line, end)
        return items

    def _before(
        self, statements: Sequence[cst.CSTNode], region: Region, items: list[Item], line: int, reason: str
    ) -> tuple[Region, list[Item]]:
        """End a region before statements; the one after them, with the lists that wait for it, and their items."""
        waiting = [one for one in region.groups if waits(one, region, statements, self.context)]
        begun: list[Item] = [self.group_of(one) for one in waiting]
        for item in begun:
            items.remove(item)
        following = Region(waiting, last=region.last if waiting else None)
        region.groups = [one for one in region.groups if one not in waiting]
        self._close(region, items, line, reason)
        return following, begun

    def _taken_in(self, statement: cst.CSTNode, region: Region, items: list[Item]) -> Region:
        """The region after a loop: a new one when lists take in the refs of its groups."""
        grown = [candidate.name for candidate in region.groups if candidate.taken_in]
        if not grown:
            return region
        self._close(region, items, self.context.source.span(statement).end_line, f"`{grown[0]}` takes in its refs")
        return Region()

    def _stretch(self, stretch: Stretch, after: cst.CSTNode | None, end_line: int, end: str) -> list[Item]:
        """The IR of a stretch, a region of its own, that ends before the statement `after` or in its own last one."""
        last, got = stretch.statements[-1], stretch.symbols.got
        if got is not None:
            around, kind = got
            groups = "|".join(f"%{one.id}" for one in stretch.candidates if id(one.site) in kind.sites)
            evaluation = Evaluation(self._line(last), "ray.get: the refs are used as they are", (groups,))
            self.ends.append(RegionEnd(last, evaluation, None, around=around))
        else:
            line = end_line if after is None else self._line(after)
            reason = end if after is None else "what follows is no task that takes one of these"
            evaluation = Evaluation(line, reason, tuple(stretch.symbols.live()))
            self.ends.append(RegionEnd(last, evaluation, None))
        self.yielding.extend(stretch.symbols.yielding)
        return [*singles(stretch, self.group_of, self.context), evaluation, *self._in_place(alone(last) or last, "")]

    def _submit(self, candidate: Candidate, region: Region, statement: cst.CSTNode, items: list[Item]) -> None:
        region.groups.append(candidate)
        region.named = region.named or has_names(candidate)
        region.last = statement
        if not candidate.fills:
            region.complete.add(id(candidate))
        items.append(self.group_of(candidate))

    def _fill(self, candidate: Candidate, region: Region, statement: cst.CSTNode, items: list[Item]) -> None:
        line = alone(statement)
        in_line = joining.in_line(line)
        if in_line is not None:
            over = (clause.iter for clause in clauses(in_line))
            self.yielding.extend(one for one in over if not self.context.is_plain_iterable(one))
        if line is not None and in_line is not None and candidate.form == "joined" and candidate not in region.groups:
            candidate.stmt = line
            reason = joining.seen_while_growing(candidate, line, self.context)
            if reason is not None:
                self.refuse(candidate, "RI108", reason)
            self._submit(candidate, region, statement, items)
        elif candidate not in region.groups and candidate.late:
            what = f"that fills `{candidate.name}`" if candidate.taken_in else "of a call whose result is dropped"
            self.refuse(candidate, "RI113", f"the loop {what} has other effects")
        elif candidate not in region.groups:
            self.refuse(candidate, "RI108", f"`{candidate.name}` starts in another region")
        region.complete.add(id(candidate))
        region.last = statement

    def _transparent(self, statement: cst.For | cst.If, region: Region, items: list[Item]) -> list[Block]:
        """The IR of a loop or branch that the region spans.

        Raises:
            Opaque: when something in it ends a region; the region is then as it was.
        """
        context = self.context
        trial = Region(list(region.groups), set(region.complete), region.last, region.named)
        blocks = self._span(statement, trial, statement)
        if trial.named and self._may_raise(statement):
            raise Opaque("an exception in it would leave actors with names behind")
        inside = trial.groups[len(region.groups) :]
        escaping = self._escaping(statement, trial.groups)
        if escaping:
            raise Opaque(f"the refs of `{escaping[0]}` are used as they are in it")
        for candidate in inside:
            if candidate.late:
                candidate.stmt = statement
            rule = _SEEN.get(candidate.form)
            seen = rule(candidate, statement, context) if rule is not None else None
            if seen is not None:
                raise Opaque(seen)
            name = candidate.spelling if candidate.name else None
            if name and not surely_bind(context.flow.reaching_before(statement, name)):
                raise Opaque(f"`{candidate.name}` may be unbound after it")
        region.groups, region.complete, region.named = trial.groups, trial.complete, trial.named
        if trial.last is not region.last:
            region.last = statement
        items.extend(trial.before)
        return blocks

    def _span(self, statement: cst.CSTNode, region: Region, around: cst.CSTNode) -> list[Block]:
        """The IR of each suite of a loop or branch that holds some; `around` is the outermost that is spanned."""
        context = self.context
        if isinstance(statement, cst.For):
            if statement.orelse is not None or statement.asynchronous is not None:
                raise Opaque("it has an `else` or is asynchronous")
            if not all(isinstance(part, cst.Name) for part in target_parts(statement.target)):
                raise Opaque("it assigns to something other than a name")
            for part in target_parts(statement.target):
                if isinstance(part, cst.Name) and context.names.is_shared(part):
                    raise Opaque(f"`{part.value}` is seen by other functions")
            if takes_apart(statement.target, statement.iter, context.names):
                raise Opaque("taking its items apart may run code of this file")
            tests = [statement.iter]
            if not context.is_plain_iterable(statement.iter):
                self.yielding.append(statement.iter)
        else:
            tests = []
            branch: cst.CSTNode | None = statement
            while isinstance(branch, cst.If):
                tests.append(branch.test)
                branch = branch.orelse
        for test in tests:
            effect = tested(test, context) if isinstance(statement, cst.If) else first_effect([test], context)
            if effect is not None:
                raise Opaque(effect[1])
        blocks: list[Block] = []
        for suite in suites(statement):
            if not isinstance(suite.body, cst.IndentedBlock):
                raise Opaque("its body stands on one line")
            items: list[Item] = []
            for inner in statements_of(suite.body):
                self._span_statement(inner, region, items, around)
            if items and isinstance(statement, cst.For) and has_jumps(statement):
                raise Opaque("a round that makes groups may be left early")
            if items:
                blocks.append(Block(suite.header(context.source), tuple(items)))
        return blocks

    def _span_statement(self, statement: cst.CSTNode, region: Region, items: list[Item], around: cst.CSTNode) -> None:
        small = alone(statement)
        leaf = small if small is not None else statement
        if id(statement) in self.stretches:
            raise Opaque(f"line {self._line(statement)}: single tasks take one another")
        if id(leaf) in self.starts:
            effect = self._first(self.starts[id(leaf)], leaf, Region())
            if effect is not None or id(leaf) in self.inline:
                raise Opaque(f"line {self._line(leaf)}: {effect or 'a group is evaluated in place'}")
            if self.starts[id(leaf)].fills:
                # A list that starts inside a loop must be complete when the next round starts it again.
                region.complete.discard(id(self.starts[id(leaf)]))
            self._submit(self.starts[id(leaf)], region, statement, items)
        elif small is not None and id(small) in self.fills:
            candidate = self.fills[id(small)][0]
            if candidate.late and candidate not in region.groups:
                self._submit(candidate, region, statement, region.before)
            self._fill(candidate, region, statement, items)
        elif isinstance(statement, cst.For | cst.If):
            items.extend(self._span(statement, region, around))
        elif not is_jump_inside(leaf, around, self.context):
            reason = impurity(statement, self.context)
            if reason is not None:
                raise Opaque(f"line {self._line(leaf)}: {reason}")

    def _end_statement(self, statement: cst.CSTNode, reason: str) -> list[Item]:
        """The IR of a statement that ends regions: its groups in place, and its suites as regions of their own."""
        items: list[Item] = []
        parts: list[cst.CSTNode] = [statement]
        if isinstance(statement, cst.SimpleStatementLine):
            parts = list(statement.body)
        while isinstance(parts[-1], cst.If) and isinstance(parts[-1].orelse, cst.If):
            parts.append(parts[-1].orelse)
        for part in parts:
            items.extend(self._in_place(part, reason))
        for suite in suites(statement):
            inner = statements_of(suite.body)
            if inner:
                last_line = self.context.source.span(inner[-1]).end_line
                nested = self.suite(inner, last_line, suite.end)
                if nested:
                    items.append(Block(suite.header(self.context.source), tuple(nested)))
        return items

    def _in_place(self, part: cst.CSTNode, reason: str) -> Iterator[Item]:
        return in_place(self.inline.get(id(part), ()), self.group_of, reason)

    def _first(self, candidate: Candidate, leaf: cst.CSTNode, region: Region) -> str | None:
        """Why what a statement does before its first submission ends the region before it."""
        for part in prelude(candidate):
            effect = impure_part(part, self.context.names, clocks=candidate.form == "single")
            if effect is not None:
                return self.context.describe(effect)
        return self._raises(leaf, region)

    def _raises(self, leaf: cst.CSTNode, region: Region) -> str | None:
        """Why a region with named actors ends before a statement: an exception would leave them behind."""
        if not region.named or not self._may_raise(leaf):
            return None
        return "what follows may raise, and actors with names come first"

    def _may_raise(self, leaf: cst.CSTNode) -> bool:
        """Whether what a statement evaluates outside of a group's members may raise."""
        candidate, fill = self.starts.get(id(leaf)), self.fills.get(id(leaf))
        if fill is not None:
            if fill[1].keys or joining.in_line(leaf) is not None:
                return True
            parts = [*submitted(fill[1].callee, fill[1].site), *fill[1].beside]
        elif candidate is not None:
            parts = prelude(candidate)
        elif isinstance(leaf, cst.Assign):
            parts = [leaf.value]
            if any(not isinstance(target.target, cst.Name) for target in leaf.targets):
                return True
        elif isinstance(leaf, cst.AnnAssign):
            parts = [leaf.value] if leaf.value is not None else []
        elif isinstance(leaf, cst.For):
            return iteration_may_raise(leaf.iter, self.context) or any(map(self._may_raise, leaves(leaf.body)))
        elif isinstance(leaf, cst.If):
            below = [inner for suite in suites(leaf) for inner in leaves(suite.body)]
            return may_raise(leaf.test, self.context) or any(map(self._may_raise, below))
        else:
            return not isinstance(leaf, cst.Pass | cst.Expr)
        return any(may_raise(part, self.context) for part in parts)

    def _close(self, region: Region, items: list[Item], line: int, reason: str) -> None:
        if not region.groups or region.last is None:
            return
        if region.is_sometimes:
            # Rounds that come to none of them have nothing to begin or end: each of their suites is a region.
            del items[region.branches[0][1] :]
            for branch, _, _ in region.branches:
                items.extend(self._end_statement(branch, reason))
            return
        for candidate in region.groups:
            if is_lone(candidate, self.context):
                self.refuse(candidate, "RI101", "a single call is not a group")
            if id(candidate) not in region.complete:
                message = f"the list `{candidate.name}` is not complete where its region ends: {reason}"
                self.refuse(candidate, "RI108", message)
        if region.groups[-1].got is not None:
            # The get itself ends the region.
            items.append(Evaluation(line, reason, (region.groups[-1].name or "?",)))
            return
        last, live = region.last, region.live(self.context)
        joined = tuple(candidate for candidate in region.groups if candidate.taken_in)
        names = dict.fromkeys(c.name for c in region.groups if c.name is not None and c.spelling in live)
        escaping_names = {c.name for c in region.groups if id(c) in self._escaping_ids}
        escaping = (*(name for name in names if name in escaping_names), *(c.name or "?" for c in joined))
        keep = tuple(name for name in names if name not in escaping_names)
        evaluation = Evaluation(line, reason, escaping, keep)
        items.append(evaluation)
        final = region.groups[-1]
        wraps = (
            final if final.form == "comprehension" and (final.name,) == escaping and self._holds(last, final) else None
        )
        self.ends.append(RegionEnd(last, evaluation, wraps, joined))

    def _holds(self, last: cst.CSTNode, candidate: Candidate) -> bool:
        return alone(last) is candidate.stmt

    @cached_property
    def _escaping_ids(self) -> set[int]:
        # Of what runs in tiles, single cells are read, of which the runtime gives real refs.
        return {id(candidate) for several in self.escapes.values() for candidate in several if not candidate.tiled}

    def _escaping(self, statement: cst.CSTNode, groups: Sequence[Candidate]) -> list[str]:
        """The names in a statement that are read as a real list or ref although their group is one of `groups`."""
        if not self.escapes or not groups:
            return []
        found = [candidate for n in walk(statement) for candidate in self.escapes.get(id(n), ())]
        inside = {id(candidate) for candidate in groups} if found else set()
        return [candidate.name or "?" for candidate in found if id(candidate) in inside]

    def _refuse_open(self, statement: cst.CSTNode, region: Region, reason: str) -> None:
        for node in walk(statement):
            found = self.fills.get(id(node))
            candidate = found[0] if found is not None else None
            if candidate is None:
                continue
            is_open = candidate in region.groups and id(candidate) not in region.complete
            if is_open or (candidate.form == "held" and joining.grown_by(candidate, self.context)[0] == id(statement)):
                self.refuse(candidate, "RI113", f"the loop that fills `{candidate.name}` ends the region: {reason}")

    def _line(self, node: cst.CSTNode) -> int:
        return self.context.source.span(node).line
