"""One code block (a function, or the module's own code): its submissions, groups, regions and remarks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import libcst as cst

from rayinfer.build.gets import inline_get, inline_statements
from rayinfer.build.raising import reaches_handlers
from rayinfer.build.region import RegionEnd
from rayinfer.build.regions import Regions
from rayinfer.build.statements import suites_of
from rayinfer.build.suppressions import INFERRED, LEFT, PASSED
from rayinfer.facts.flow import Definition
from rayinfer.ir.graph import Graph
from rayinfer.ir.nodes import Broadcast, Group, MapActors, Members, Shared
from rayinfer.patterns import (
    ahead,
    append_loop,
    comprehension,
    dropped,
    grids,
    held,
    joining,
    loop,
    single,
    slots,
    stretches,
    unmatched,
)
from rayinfer.patterns.awaited import over_first
from rayinfer.patterns.callee import names_in
from rayinfer.patterns.context import BY_HANDLERS, Candidate, Context, Details, Refusal, Stretch
from rayinfer.patterns.extending import extension_of
from rayinfer.patterns.filling import fill_details, merge
from rayinfer.patterns.owned import is_captured
from rayinfer.patterns.passed import Passed, gets
from rayinfer.patterns.takers import count_takers

_PATTERNS = (comprehension, append_loop, grids, slots, held, loop, dropped, single)
_DETAILS: dict[str, Callable[[Candidate, Context], Details]] = {
    "comprehension": comprehension.details,
    "ahead": ahead.details,
    "append": fill_details,
    "joined": fill_details,
    "held": fill_details,
    "slot": slots.details,
    "grid": grids.details,
    "loop": loop.details,
    "dropped": fill_details,
    "single": single.details,
    "later": stretches.details,
}


@dataclass(frozen=True)
class Refused:
    """A submission that is left as it is."""

    site: cst.Call
    code: str
    message: str


@dataclass(frozen=True)
class BlockResult:
    """What one block became."""

    graph: Graph
    groups: tuple[tuple[Candidate, Details, Group], ...]
    refused: tuple[Refused, ...]
    ends: tuple[RegionEnd, ...]
    yielding: tuple[cst.BaseExpression, ...] = ()
    passed: tuple[Passed, ...] = ()


def infer(
    block: cst.Module | cst.FunctionDef,
    name: str,
    sites: Sequence[cst.Call],
    first_id: int,
    context: Context,
    unwanted: Callable[[cst.Call, str], bool],
) -> BlockResult:
    """The groups and regions of a block; `unwanted` tells what the user wants left alone, by the code of its remark.

    Groups are dropped, with a remark, until all that remain can be rewritten together.
    """
    refused: dict[int, Refused] = {}
    joined: dict[int, Refused] = {}
    broken: set[int] = set()
    passed: list[Passed] | None = None
    while True:
        attempt = _Attempt(block, name, sites, first_id, context, refused, joined, broken)
        if passed is None:
            found, context.passed = gets(sites, context, attempt.seen_by)
            passed = [one for one in found if not unwanted(one.site, PASSED)]
            context.passed.update((id(one.get), None) for one in passed)
        attempt.passed = passed
        result = attempt.run()
        if result is None:
            continue
        left = [site for candidate, _, _ in result.groups for site in candidate.sites if unwanted(site, INFERRED)]
        if not left:
            return result
        refused.update((id(site), Refused(site, LEFT, "left as it is, as a comment asks")) for site in left)


class _Attempt:
    """One round with the groups that nothing has refused so far."""

    def __init__(
        self,
        block: cst.Module | cst.FunctionDef,
        name: str,
        sites: Sequence[cst.Call],
        first_id: int,
        context: Context,
        refused: dict[int, Refused],
        joined: dict[int, Refused],
        broken: set[int],
    ) -> None:
        self.block, self.name, self.sites, self.first_id = block, name, sites, first_id
        self.context, self.refused = context, refused
        # The submissions whose list does not start as their group, and why: the group is added to the list.
        self.joined, self.tried = joined, frozenset(joined)
        # The submissions that are no part of a stretch.
        self.broken = broken
        self.passed: Sequence[Passed] = ()
        self.details: dict[int, Details] = {}
        self.groups: dict[int, Group] = {}
        self._seen_elsewhere: dict[str, bool] = {}

    def run(self) -> BlockResult | None:
        """The result, or None when another group had to be refused."""
        before = self._decided()
        candidates = self._candidates()
        self._describe(candidates)
        if self._decided() > before:
            return None
        self._drop_unshared(candidates)
        if self._decided() > before:
            return None
        described = [self.details[id(candidate)] for candidate in candidates]
        for candidate, details in zip(candidates, described, strict=True):
            if candidate.form == "single":
                details.width = count_takers(candidate, described, self.context)
            self.groups[id(candidate)] = self._group(candidate)
        regions = Regions(
            self.context,
            lambda candidate: self.groups[id(candidate)],
            self._refuse_group,
            starts={id(c.stmt): c for c in candidates if not (c.inline or c.late or c.stretch)},
            fills={id(stmt): (c, fill) for c in candidates for fill in c.fills for stmt in fill.stmts},
            inline=inline_statements(candidates, self.passed, self.context),
            escapes=self._escapes(candidates),
            stretches={id(stretch.statements[0]): stretch for stretch in self.stretches},
        )
        suite = self.block.body if isinstance(self.block, cst.FunctionDef) else self.block
        last = self.context.source.span(suite.body[-1] if suite.body else self.block).end_line
        end = "end of the function" if isinstance(self.block, cst.FunctionDef) else "end of the module"
        items = regions.suite(suite.body, last, end)
        line = self.context.source.span(self.block.name).line if isinstance(self.block, cst.FunctionDef) else 1
        graph = Graph(self.name, line, tuple(items))
        made = {group.id for group in graph.groups()}
        for candidate in candidates:
            if candidate.id not in made:
                self._refuse_group(candidate, "RI113", "the statement that submits it stands in no region of its own")
        if self._decided() > before:
            return None
        evaluated = {id(evaluation) for evaluation in graph.evaluations()}
        return BlockResult(
            graph,
            tuple((c, self.details[id(c)], self.groups[id(c)]) for c in candidates),
            tuple(self.refused.values()),
            tuple(regions.ends),
            tuple(dict.fromkeys(regions.yielding)),
            tuple(one for one in self.passed if id(one.evaluation) in evaluated),
        )

    def _decided(self) -> int:
        """How many submissions an attempt has found out something about."""
        return len(self.refused) + len(self.joined) + len(self.broken)

    def _refuse(self, site: cst.Call, code: str, message: str) -> None:
        if id(site) not in self.joined and code in joining.REASONS and joining.is_appended(site, self.context):
            self.joined[id(site)] = Refused(site, code, message)
        elif id(site) not in self.joined or id(site) in self.tried:
            # Why its list does not start as its group is what a user can do something about.
            self.refused.setdefault(id(site), self.joined.get(id(site), Refused(site, code, message)))

    def _refuse_group(self, candidate: Candidate, code: str, message: str) -> None:
        if candidate.stretch is not None:
            # Its tasks may be something else each.
            self.broken.update(id(one.site) for one in candidate.stretch.candidates)
        for site in candidate.sites if candidate.stretch is None else ():
            self._refuse(site, code, message)

    def _candidates(self) -> list[Candidate]:
        found: list[Candidate] = []
        lists: dict[tuple[int, str | None], Candidate] = {}
        self.stretches = stretches.stretches(suites_of(self.block), self.context, self._accepts)
        later = {id(one.site): one for stretch in self.stretches for one in stretch.candidates}
        for site in self.sites:
            if id(site) in later:
                found.append(later[id(site)])
            if id(site) in self.refused or id(site) in later:
                continue
            try:
                candidate = self._match(site)
            except Refusal as refusal:
                self._refuse(site, refusal.code, refusal.message)
                continue
            if candidate.fills:
                first = lists.setdefault(joining.grown_by(candidate, self.context), candidate)
                if first is not candidate:
                    if not merge(first, candidate):
                        what = f"calls of several kinds fill `{candidate.name}`"
                        if candidate.form == "dropped":
                            what = "a conditional expression chooses between calls of several kinds"
                        for one in (candidate, first):
                            self._refuse_group(one, "RI104", what)
                    continue
            found.append(candidate)
        for offset, candidate in enumerate(found):
            candidate.id = self.first_id + offset
        self.context.sites = {id(site) for candidate in found if candidate.fills for site in candidate.sites}
        self.context.groups = {id(c.definition): c for c in found if c.definition is not None}
        return found

    def _accepts(self, stretch: Stretch) -> bool:
        """Whether the submissions of a stretch are symbols until its end, and none of them is to be left alone."""
        context, symbols = self.context, stretch.symbols
        if any(id(site.call) in self.refused or id(site.call) in self.broken for site in symbols.sites):
            return False
        stretches.find_candidates(stretch)
        for statement in stretch.statements:
            for name in names_in(statement):
                if context.scopes.is_store(name) and context.scopes.spelling(name) in symbols.kinds:
                    if self.seen_by(name, statement, context.flow.definition_at(name)) is not None:
                        return False
        return not any(stretches.may_be_unbound(name, symbols, context) for name in symbols.live())

    def _match(self, site: cst.Call) -> Candidate:
        if id(site) in self.joined:
            return joining.match(site, self.context)
        serial = ahead.match(site, self.context)
        if serial is not None:
            self._refuse_several(serial)
            return serial
        node: cst.CSTNode | None = site
        while node is not None and not isinstance(node, cst.BaseStatement):
            taken = self.context.consumer_of(node) or extension_of(node, self.context)
            if isinstance(node, cst.Lambda | cst.GeneratorExp) and taken is None:
                raise Refusal("RI104", "the submission stands in a lambda or a generator expression")
            node = self.context.parent(over_first(node, self.context) or node)
        for pattern in _PATTERNS:
            candidate: Candidate | None = pattern.match(site, self.context)
            if candidate is not None:
                self._refuse_several(candidate)
                self._place(candidate)
                return candidate
        raise unmatched.refusal(site, self.context)

    def _refuse_several(self, candidate: Candidate) -> None:
        """Raises a refusal for calls that give a list of refs each, and do not fill a list with these."""
        lists = candidate.form == "append" or (
            candidate.form == "comprehension" and comprehension.list_of(candidate, self.context) is not None
        )
        if candidate.callee.several and not lists:
            what = f"`{' '.join(candidate.callee.task.split())}` returns several refs a call"
            raise Refusal("RI106", f"{what}, and no list holds them call by call")

    def _place(self, candidate: Candidate) -> None:
        """Finds the statement that makes the group, and the definition that the group is known by."""
        context = self.context
        stmt = candidate.stmt
        if candidate.form == "comprehension":
            whole = comprehension.list_of(candidate, context)
            stmt = context.parent(whole or candidate.holder) or candidate.holder
            target = single.assigned_name(stmt) if whole is not None else None
            candidate.inline = target is None and not (isinstance(stmt, cst.Expr) and whole is not None)
            candidate.got = inline_get(candidate, context)
            candidate.name = target.value if target is not None else None
            candidate.stmt = stmt
        elif candidate.form != "loop" and not candidate.late:
            target = single.assigned_name(stmt)
        else:
            target = None
        candidate.spelling = context.scopes.spelling(target) if target is not None else None
        line = context.parent(stmt)
        alone = isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1
        if candidate.form != "loop" and not candidate.late and not alone:
            candidate.inline = True
            if target is not None:
                candidate.why = "a line with other statements"
            elif isinstance(stmt, cst.BaseComp):
                candidate.why = "an item of an outer comprehension"
        if target is not None and not candidate.inline:
            own = context.flow.definition_at(target)
            seen_by = self.seen_by(target, stmt, own)
            if seen_by is None:
                candidate.definition = own
            else:
                candidate.inline = True
                candidate.why = f"the list `{target.value}` is read {seen_by}"
                if candidate.fills:
                    raise Refusal("RI114", f"the list `{target.value}` is read {seen_by}")
        if candidate.inline:
            candidate.name = None
            if target is not None and candidate.form == "single":
                raise Refusal("RI101", "a single call that no group shares is left as it is")
            if candidate.fills:
                raise Refusal("RI111", "the list starts on a line with other statements")

    def seen_by(self, target: cst.Name, stmt: cst.CSTNode, own: Definition | None) -> str | None:
        """Who else may read a group's name before its region ends, or after its block; None when nobody can."""
        context = self.context
        if own is None:
            return "as a global name"
        if isinstance(self.block, cst.Module) and context.exported and not context.under_main_guard(stmt):
            return "by modules that import this one"
        if own.name not in self._seen_elsewhere:
            self._seen_elsewhere[own.name] = is_captured(target, context)
        if self._seen_elsewhere[own.name]:
            return "by a nested function"
        return BY_HANDLERS if reaches_handlers(stmt, own, context) else None

    def _describe(self, candidates: list[Candidate]) -> None:
        for candidate in candidates:
            try:
                details = self.details[id(candidate)] = _DETAILS[candidate.form](candidate, self.context)
                quote = self.context.free_quote(candidate.holder) if candidate.inline else details.quote
                if quote is None and issubclass(candidate.node, MapActors):
                    raise Refusal("RI104", "the submission stands in formatted strings of both kinds of quotes")
                details.quote = quote or details.quote
            except Refusal as refusal:
                self._refuse_group(candidate, refusal.code, refusal.message)

    def _drop_unshared(self, candidates: list[Candidate]) -> None:
        """Refuses the single tasks whose ref no group takes, and which take no group."""
        shared: set[int] = set()
        for candidate in candidates:
            details = self.details[id(candidate)]
            for argument in (*details.args, *(one for other in details.more for one in other)):
                if isinstance(argument.slot, Shared) and candidate.form != "single":
                    shared.update(argument.slot.groups)
        for candidate in candidates:
            taken = candidate.id in shared or single.gathers(self.details[id(candidate)])
            if candidate.form == "single" and not taken:
                refusal = unmatched.refusal(candidate.site, self.context)
                if not candidate.inline:
                    refusal = Refusal("RI101", "a single call that no group shares is left as it is")
                self._refuse(candidate.site, refusal.code, refusal.message)

    def _group(self, candidate: Candidate) -> Group:
        details = self.details[id(candidate)]
        span = self.context.source.span(candidate.site)
        task = candidate.callee.task
        args = tuple(details.args)
        more = tuple(
            Members(self.context.source.span(site), tuple(other))
            for site, other in zip(candidate.sites[1:], details.more, strict=True)
        )
        if issubclass(candidate.node, MapActors):
            over = self.context.source.code(details.over) if details.over is not None else None
            actors, in_order = details.actors, details.in_order
            return candidate.node(
                candidate.id, candidate.name, task, None, args, span, actors, over, in_order, more=more
            )
        return candidate.node(candidate.id, candidate.name, task, details.width, args, span, more=more)

    def _escapes(self, candidates: list[Candidate]) -> dict[int, list[Candidate]]:
        """The reads of a name as a real list or ref, by the identity of the name: the groups it may stand for."""
        as_group = {id(name) for c in candidates for name in self.details[id(c)].as_group}
        for c in candidates:
            over = self.details[id(c)].over
            if over is not None and self.details[id(c)].actors and not self.details[id(c)].named:
                as_group.add(id(over))
        found: dict[int, list[Candidate]] = {}
        for candidate in candidates:
            if candidate.definition is None:
                continue
            for use in self.context.flow.uses(candidate.definition):
                if id(use) not in as_group and not (candidate.node is not Broadcast and self._is_len(use)):
                    found.setdefault(id(use), []).append(candidate)
        return found

    def _is_len(self, use: cst.Name) -> bool:
        arg = self.context.parent(use)
        call = self.context.parent(arg) if isinstance(arg, cst.Arg) and not arg.star else None
        return isinstance(call, cst.Call) and self.context.names.dotted(call.func) == "builtins.len"
