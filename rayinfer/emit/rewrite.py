"""The IR back as edits on the user's file: comprehensions stay, their calls become `ri.call`, regions get an end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import libcst as cst

from rayinfer.build.block import BlockResult
from rayinfer.build.region import RegionEnd
from rayinfer.build.statements import statements_of, suites
from rayinfer.emit.edits import Edit, apply
from rayinfer.emit.imports import import_edit
from rayinfer.emit.passing import pass_on
from rayinfer.emit.wrapping import wrap
from rayinfer.ir.nodes import All, Group, InitActors, MapActors, ReduceActors
from rayinfer.patterns.context import Callee, Candidate, Details
from rayinfer.source.lines import NEWLINE
from rayinfer.source.module import Source

MODULE = "rayinfer.inferred"
_COLON = re.compile(r"#[^\r\n]*|:")


def rewrite(source: Source, results: Sequence[BlockResult]) -> tuple[str, tuple[int, ...]]:
    """The rewritten text of a file, and for each of its lines the line of the user's file."""
    alias = _free_alias(source.text)
    emitter = _Emitter(source, alias)
    edits: list[Edit] = []
    for result in results:
        wraps = {id(end.wraps): end for end in result.ends if end.wraps is not None}
        for candidate, details, group in result.groups:
            edits.extend(emitter.group(candidate, details, group, wraps.get(id(candidate))))
        edits.extend(emitter.in_each(result.yielding))
        for end in result.ends:
            if end.around is not None:
                edits.extend(emitter.around(end.around, "evaluate"))
            elif end.wraps is None:
                edits.append(emitter.evaluation(end))
    edits += [*emitter.ahead(results), *(edit for one in results for edit in pass_on(source, one, alias))]
    text, line_map = apply(source.text, [import_edit(source, f"import {MODULE} as {alias}", edits), *edits])
    return wrap(text, line_map, alias, source.text)


def _free_alias(text: str) -> str:
    used = _words(text)
    # A star import may bind what the text does not mention.
    return "ri" if "ri" not in used and "import *" not in text else _unused("rayinfer_ri", used)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))


def _unused(name: str, used: set[str]) -> str:
    return next(one for one in (name, *(f"{name}{n}" for n in range(2, 10_000))) if one not in used)


class _Emitter:
    def __init__(self, source: Source, alias: str) -> None:
        self.source, self.alias = source, alias
        self.words = _words(source.text)
        # The expressions that are taken apart as groups.
        self.apart: set[int] = set()
        # The names of the groups that start before the loop they grow in.
        self.late: dict[int, str] = {}
        self.newline = source.module.default_newline

    def group(self, candidate: Candidate, details: Details, group: Group, end: RegionEnd | None) -> Iterator[Edit]:
        """The edits that turn one submission into a node."""
        if candidate.got is not None:
            func_start, func_stop = self.source.offsets(candidate.got.func)
            yield Edit(func_start, func_stop, f"{self.alias}.get")
        if candidate.form == "ahead":
            return  # with the others of its loop
        if candidate.form == "comprehension":
            yield from self._comprehension(candidate, details, group, end)
        elif candidate.form == "loop":
            yield self._loop(candidate, details, group)
        elif candidate.fills:
            yield from self._fills(candidate, details, group)
        else:
            yield from self._single(candidate, details, group)

    def evaluation(self, end: RegionEnd) -> Edit:
        """The line that ends a region."""
        start, _ = self.source.offsets(end.after)
        line_start = self.source.line_start(self.source.line_at(start))
        indent = self.source.text[line_start:start]
        at = self._end_of_line(_last_statement(end.after))
        names = list(end.evaluation.escaping)
        for place, candidate in enumerate(end.joined, len(names) - len(end.joined)):
            names[place] = self.late[id(candidate)]
        escaping = ", ".join(names)
        call = self._evaluate([escaping] if escaping else [], end.evaluation.keep)
        lines = [f"{escaping} = {call}" if escaping else call]
        joined = [candidate for candidate in end.joined if candidate.form == "joined"]
        lines += [f"{candidate.name}.extend({self.late[id(candidate)]})" for candidate in joined]
        if len(names) == 1 and end.joined:
            lines = [f"{joined[0].name}.extend({call})" if joined else call]
        return Edit(at, at, "".join(f"{self.newline}{indent}{line}" for line in lines))

    def _comprehension(
        self, candidate: Candidate, details: Details, group: Group, end: RegionEnd | None
    ) -> Iterator[Edit]:
        holder = candidate.holder
        start, stop = self._brackets(candidate)
        before, after = "", ""
        if candidate.got is None and (candidate.inline or end is not None):
            keep = end.evaluation.keep if end is not None else ()
            before = f"{self.alias}.evaluate("
            after = f", keep=[{', '.join(keep)}])" if keep else ")"
        if isinstance(holder, cst.SetComp):
            before, after = "{*" + before, after + "}"
        elif isinstance(holder, cst.GeneratorExp) and candidate.inline:
            # What takes the generator stays: `tuple(...)`.
            before, after = self.source.text[start.start : start.end] + before, after + ")"
        whole = self._without_members(details, group) if not (candidate.keyed or candidate.rowed) else None
        if whole is not None and "#" not in self.source.text[start.start : stop.end]:
            yield Edit(start.start, stop.end, before + whole + after)
            return
        constructor = self._constructor(details, group)
        yield from self._members(candidate, details)
        if isinstance(holder, cst.DictComp):
            yield Edit(start.start, start.end, f"{before}{constructor}, ((")
            yield from self._pair(holder)
            yield Edit(stop.start, stop.end, f"), into={{}}){after}")
        else:
            yield Edit(start.start, start.end, f"{before}{constructor}, (")
            rows = ", rows=True" if candidate.rowed else ""
            yield Edit(stop.start, stop.end, f"){rows}){after}")

    def _brackets(self, candidate: Candidate) -> tuple[Edit, Edit]:
        """Where a comprehension opens and closes: its brackets, or those of the call that takes a generator."""
        start, stop = self.source.offsets(candidate.holder)
        end = start + 1
        if isinstance(candidate.holder, cst.GeneratorExp):
            assert candidate.consumer is not None
            start, stop = self.source.offsets(candidate.consumer)
            end = self.source.text.index("(", self.source.offsets(candidate.consumer.func)[1]) + 1
        return Edit(start, end, ""), Edit(stop - 1, stop, "")

    def _pair(self, holder: cst.DictComp) -> Iterator[Edit]:
        """`key: value` as `key, value)`."""
        _, key = self.source.offsets(holder.key)
        colon = next(m.start() for m in _COLON.finditer(self.source.text, key) if m.group() == ":")
        yield Edit(colon, colon + 1, ",")
        _, stop = self.source.offsets(holder.value)
        for _ in getattr(holder.value, "rpar", ()):
            stop = self.source.text.index(")", stop) + 1
        yield Edit(stop, stop, ")")

    def _loop(self, candidate: Candidate, details: Details, group: Group) -> Edit:
        loop = candidate.holder
        assert isinstance(loop, cst.For)
        start, _ = self.source.offsets(loop)
        statement = loop.body.body[0]
        expr = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else statement
        _, stop = self.source.offsets(expr)
        text = self._without_members(details, group)
        if text is None:
            members = list(self._members(candidate, details))
            call = self._edited(candidate.site, members)
            target = self.source.code(loop.target) if not loop.target.lpar else f"({self.source.code(loop.target)})"
            iterable = self._edited(loop.iter, members)
            if not isinstance(loop.iter, cst.Name | cst.Attribute | cst.Call | cst.Subscript | cst.List):
                iterable = f"({iterable})"
            text = f"{self._constructor(details, group)}, ({call} for {target} in {iterable}))"
        indent = self.source.text[self.source.line_start(self.source.line_at(start)) : start]
        comments = "".join(f"{comment}{self.newline}{indent}" for comment in _comments(loop))
        return Edit(start, stop, comments + text)

    def _fills(self, candidate: Candidate, details: Details, group: Group) -> Iterator[Edit]:
        kind = "MapActors" if isinstance(group, MapActors) else type(group).__name__
        task = self._task(details, group)
        if candidate.late:
            arguments = [task, *(["rows=True"] if candidate.rowed else ())]
            yield from self._late(candidate, f"{self.alias}.{kind}({', '.join(filter(None, arguments))})")
        else:
            start, stop = self.source.offsets(candidate.holder)
            into = f"into={self._container(candidate, self.source.text[start:stop])}" if candidate.keyed else ""
            rows = "rows=True" if candidate.rowed else ""
            yield Edit(start, stop, f"{self.alias}.{kind}({', '.join(filter(None, (task, into, rows)))})")
        yield from self._members(candidate, details)
        for fill in candidate.fills:
            handle = fill.callee.receiver if not details.named else None
            actor = f", actor={self.source.code(handle)}" if handle is not None else ""
            _, stop = self.source.offsets(fill.site)
            yield Edit(stop, stop, actor if candidate.form != "dropped" else f"{actor})")

    def _container(self, candidate: Candidate, text: str) -> str:
        if candidate.form != "grid":
            return text
        depth = f", {candidate.depth}" if candidate.depth > 1 else ""
        return f"{self.alias}.{'tiled' if candidate.tiled else 'grid'}({text}{depth})"

    def ahead(self, results: Sequence[BlockResult]) -> Iterator[Edit]:
        """The edits of the loops whose calls are made ahead of their turn."""
        loops: dict[int, list[tuple[Candidate, Group]]] = {}
        for candidate, _, group in (one for result in results for one in result.groups):
            if candidate.form == "ahead":
                loops.setdefault(id(candidate.holder), []).append((candidate, group))
        names: dict[tuple[int, int], list[str]] = {}
        for calls in sorted(loops.values(), key=lambda calls: self.source.offsets(calls[0][0].stmt)):
            start, stop = self.source.offsets(calls[0][0].stmt)
            # A loop inside another one that has such names binds its own.
            used = self.words.union(*(given for (first, last), given in names.items() if first <= start < last))
            several = len(calls) > 1
            own = names[start, stop] = [_unused(f"ahead{n if several else ''}", used) for n in range(1, len(calls) + 1)]
            yield from self._ahead(calls, own)

    def _ahead(self, calls: Sequence[tuple[Candidate, Group]], refs: Sequence[str]) -> Iterator[Edit]:
        """A loop over pairs of an item and the refs of its calls; these themselves stay, for where there is none."""
        loop, text = calls[0][0].holder, self.source.text
        assert isinstance(loop, cst.For | cst.CompFor)
        name = f"({', '.join(refs)})" if len(refs) > 1 else refs[0]
        start, stop = self.source.offsets(loop.target)
        parts = loop.target.elements if isinstance(loop.target, cst.Tuple) else ()
        names = ", ".join(self.source.code(part.value) for part in parts) or self.source.code(loop.target)
        if parts and not loop.target.lpar:
            yield Edit(start, start, "(")
            yield Edit(stop, stop, f"), {name}")
        else:
            for _ in loop.target.rpar:
                stop = text.index(")", stop) + 1
            yield Edit(stop, stop, f", {name}")
        start, stop = self.source.offsets(loop.iter)
        opening, closing = "", ""
        if loop.iter.lpar and (text[start - 2 : start], text[stop]) == (" (", ")"):
            start, stop = start - 1, stop + 1
        elif loop.iter.lpar:
            # The first of several arguments needs parentheses of its own.
            opening, closing = "(", ")"
        tasks = ", ".join(str(group.task) for _, group in calls)
        given = ", ".join(f"{self.alias}.call{self._given(candidate.site)}" for candidate, _ in calls)
        if len(calls) > 1:
            tasks, given = f"({tasks})", f"({given})"
        yield Edit(start, start, f"{self.alias}.ahead({tasks}, {opening}")
        yield Edit(stop, stop, f"{closing}, lambda {names}: {given})")
        for (candidate, _), ref in zip(calls, refs, strict=True):
            start, _ = self.source.offsets(candidate.site)
            yield Edit(start, start, f"{ref} or ")

    def _given(self, site: cst.Call) -> str:
        """The arguments of a call as they are written, in their parentheses."""
        _, end = self.source.offsets(site.func)
        return self.source.text[self.source.text.index("(", end) : self.source.offsets(site)[1]]

    def _late(self, candidate: Candidate, constructor: str) -> Iterator[Edit]:
        """A group that starts before the loop, under a name of its own, and takes a member per call."""
        name = self.late[id(candidate)] = _unused("sent", self.words)
        self.words.add(name)
        yield self._line_before(candidate.stmt, f"{name} = {constructor}")
        if candidate.form == "held" and isinstance(candidate.stmt, cst.For):
            yield from self._over(name, candidate.stmt)
        for fill in candidate.fills:
            if fill.container is not None:
                owner = self.source.code(fill.container.value)
                to = f'{name}.to({owner}, "{fill.attribute}")'
                yield Edit(*self.source.offsets(fill.container), to)
            elif fill.receiver is not None:
                yield Edit(*self.source.offsets(fill.receiver), name)
            else:
                start, _ = self.source.offsets(fill.site)
                yield Edit(start, start, f"{name}.drop(")

    def _over(self, name: str, loop: cst.For) -> Iterator[Edit]:
        """The loop that a group grows in tells it when it is left."""
        start, stop = self.source.offsets(loop.iter)
        # The parentheses of a tuple stand outside of it.
        bare = isinstance(loop.iter, cst.Tuple)
        yield Edit(start, start, f"{name}.over({'(' if bare else ''}")
        yield Edit(stop, stop, f"{')' if bare else ''})")
        self.apart.add(id(loop.iter))

    def _line_before(self, statement: cst.CSTNode, text: str) -> Edit:
        start, _ = self.source.offsets(statement)
        line = self.source.line_start(self.source.line_at(start))
        return Edit(line, line, f"{self.source.text[line:start]}{text}{self.newline}")

    def _single(self, candidate: Candidate, details: Details, group: Group) -> Iterator[Edit]:
        stretch = candidate.stretch
        if stretch is not None and stretch.symbols.assumed and candidate is stretch.candidates[0]:
            names = ", ".join(sorted(stretch.symbols.assumed))
            yield self._line_before(stretch.statements[0], f"{self.alias}.assume_list({names})")
        start, stop = self.source.offsets(candidate.site.func)
        later = candidate.form == "later"
        node = "Broadcast" if not later else "results" if candidate.callee.several else "later"
        yield Edit(start, stop, f"{f'{self.alias}.evaluate(' if candidate.inline else ''}{self.alias}.{node}")
        at = self.source.text.index("(", stop) + 1
        more = ("," if self.source.text[at].isspace() else ", ") if candidate.site.args else ""
        task = self._callee(candidate.callee) if later and details.named else str(group.task)
        width = "" if later else f", {group.width or 1}"
        yield Edit(at, at, f"{task}{width}{more}")
        yield from self._taken_apart(details)
        if candidate.inline:
            _, end = self.source.offsets(candidate.site)
            yield Edit(end, end, ")")

    def _members(self, candidate: Candidate, details: Details) -> Iterator[Edit]:
        callees = [fill.callee for fill in candidate.fills] or [candidate.callee]
        for site, callee in zip(candidate.sites, callees, strict=True):
            start, stop = self.source.offsets(site.func)
            yield Edit(start, stop, self._callee(callee) if details.named else f"{self.alias}.call")
        yield from self._taken_apart(details)

    def _callee(self, callee: Callee) -> str:
        """`ri.of(f)` or `ri.of(actor, "method")`; `ri.options(f, num_cpus=2)` where there are options."""
        method = f', "{callee.task}"' if callee.kind == "method" else ""
        what = self.source.code(callee.target if callee.receiver is None else callee.receiver) + method
        if callee.options is None:
            return f"{self.alias}.of({what})"
        _, start = self.source.offsets(callee.options.func)
        _, stop = self.source.offsets(callee.options)
        given = self.source.text[self.source.text.index("(", start) + 1 : stop]
        return f"{self.alias}.options({what}, {given}"

    def _taken_apart(self, details: Details) -> Iterator[Edit]:
        yield from self.in_each((*details.wrap_each, *details.splat_each))

    def in_each(self, nodes: Sequence[cst.BaseExpression]) -> Iterator[Edit]:
        """The edits that wrap expressions in `each`."""
        for node in nodes:
            # Two groups that grow in one loop both have its iterable taken as a group.
            if id(node) not in self.apart:
                self.apart.add(id(node))
                yield from self.around(node, "each")

    def around(self, node: cst.BaseExpression, call: str) -> Iterator[Edit]:
        """The edits that make an expression the argument of a call."""
        start, stop = self.source.offsets(node)
        yield Edit(start, start, f"{self.alias}.{call}(")
        yield Edit(stop, stop, ")")

    def _constructor(self, details: Details, group: Group) -> str:
        """`ri.Map(f, objects`, up to the members."""
        task = self._task(details, group)
        if isinstance(group, InitActors):
            width = group.width if group.width is not None and "\n" not in group.width else None
            return f"{self.alias}.InitActors({task}, {width}"
        if isinstance(group, MapActors):
            objects = f", {details.objects}" if isinstance(group, ReduceActors) else ""
            over = None if details.named else group.over
            return f"{self.alias}.{type(group).__name__}({task}, {over}{objects}"
        before = f"{task}, " if task else ""
        return f"{self.alias}.{type(group).__name__}({before}{details.objects}"

    def _without_members(self, details: Details, group: Group) -> str | None:
        """A call on every actor in full, where its members need no argument list of their own."""
        if not isinstance(group, MapActors) or details.named:
            return None
        task = self._task(details, group)
        if not group.args:
            return f"{self.alias}.MapActors({task}, {group.over})"
        if len(group.args) == 1 and isinstance(group.args[0].slot, All):
            return f"{self.alias}.ReduceActors({task}, {group.over}, {details.objects})"
        return None

    def _task(self, details: Details, group: Group) -> str:
        """The node's first argument; none for a group whose kind is seen when it runs."""
        if isinstance(group, MapActors):
            return f"{details.quote}{group.task}{details.quote}"
        if type(group) is Group:
            return ""
        return "None" if details.named else str(group.task)

    def _evaluate(self, arguments: list[str], keep: tuple[str, ...]) -> str:
        if keep:
            arguments = [*arguments, f"keep=[{', '.join(keep)}]"]
        return f"{self.alias}.evaluate({', '.join(arguments)})"

    def _edited(self, node: cst.CSTNode, edits: Sequence[Edit]) -> str:
        start, stop = self.source.offsets(node)
        inside = [Edit(e.start - start, e.end - start, e.new) for e in edits if start <= e.start and e.end <= stop]
        return apply(self.source.text[start:stop], inside)[0]

    def _end_of_line(self, node: cst.CSTNode) -> int:
        _, stop = self.source.offsets(node)
        found = NEWLINE.search(self.source.text, stop)
        return found.start() if found else len(self.source.text)


def _last_statement(statement: cst.CSTNode) -> cst.CSTNode:
    while True:
        bodies = [suite.body for suite in suites(statement)]
        if not bodies:
            return statement
        statement = statements_of(bodies[-1])[-1]


def _comments(loop: cst.For) -> Iterator[str]:
    """The comments between a loop's header and its one statement."""
    body = loop.body
    if isinstance(body, cst.IndentedBlock):
        if body.header.comment is not None:
            yield body.header.comment.value
        for line in body.body[0].leading_lines if isinstance(body.body[0], cst.SimpleStatementLine) else ():
            if line.comment is not None:
                yield line.comment.value
