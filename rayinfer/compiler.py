"""The one entry of the compiler: bytes of a plain Ray program in, the rewritten program and its report out."""

from __future__ import annotations

import ast
import gc
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from rayinfer.ir.graph import Evaluation, Graph, verify
from rayinfer.ir.nodes import Group, Span, dependencies
from rayinfer.ir.printer import format_graph
from rayinfer.ir.remarks import RULES, Remark, nearest, remark
from rayinfer.ir.rules.rule import Rule
from rayinfer.source.lines import line_starts
from rayinfer.source.suppressions import Directives, directives
from rayinfer.source.text import TOO_DEEP, SourceError, UnanalysedError, check_syntax, decode

# What may be a call of `.remote`; the second form follows a comment after the dot.
_SUBMISSION = re.compile(r"\.[\s\\]*remote\b|^\s*remote\s*\(", re.MULTILINE)
_RAY_IMPORT = re.compile(r"\b(import|from)\b[^\n#]*\bray\b|\bimport\s*\([^)]*\bray\b")


class InternalError(Exception):
    """The compiler's own output broke one of its rules; the file is left as it is."""


@dataclass(frozen=True)
class GroupReport:
    """One submission of the file, inferred or refused; `depends` are (kind, name) pairs."""

    line: int
    node: str
    name: str | None
    task: str
    status: str
    depends: tuple[tuple[str, str | None], ...]

    def to_json(self) -> dict[str, Any]:
        """The group as `explain --format json` prints it."""
        depends = [{"kind": kind, "on": on} for kind, on in self.depends]
        return {
            "line": self.line,
            "node": self.node,
            "name": self.name,
            "task": self.task,
            "status": self.status,
            "depends": depends,
        }


@dataclass(frozen=True)
class EvalReport:
    """One evaluation point: the line that ends a region, and why."""

    line: int
    reason: str

    def to_json(self) -> dict[str, Any]:
        """The evaluation point as `explain --format json` prints it."""
        return {"line": self.line, "reason": self.reason}


@dataclass(frozen=True)
class Compiled:
    """What became of one file.

    `line_map[n - 1]` is the user's line that line n of `output` comes from, `made_at` that on which the node of each
    group is made, by the group's number.
    """

    path: str
    source: bytes
    output: bytes
    uses_ray: bool
    line_map: tuple[int, ...]
    graphs: tuple[Graph, ...] = ()
    groups: tuple[GroupReport, ...] = ()
    evals: tuple[EvalReport, ...] = ()
    remarks: tuple[Remark, ...] = ()
    made_at: tuple[tuple[int, int], ...] = ()

    @property
    def changed(self) -> bool:
        """Whether the rewritten file differs from the user's."""
        return self.output != self.source


def compile_source(data: bytes, path: str, read: Callable[[str], bytes | None] | None = None) -> Compiled:
    """Infers the groups of a file and rewrites it; user code is never run.

    What cannot be analysed, or asks to be skipped, comes back as it is with a remark. `read` gives the bytes of a file
    that the program may import, by a path that starts where `path` does, or None where there is no such file. Without
    it only what the file itself defines is known.

    Raises:
        SourceError: when the file cannot be read as Python.
        InternalError: when the output breaks a rule of the compiler; nothing is to be written then.
    """
    text, _ = decode(data, path)
    uses_ray = "ray" in text and _RAY_IMPORT.search(text) is not None
    lines = tuple(range(1, len(line_starts(text)) + 1))
    said = directives(text)
    untouched = Compiled(path, data, data, uses_ray, lines)
    if said.skip is not None:
        left = remark("RI302", *said.skip, "the file is left as it is, as this comment asks")
        return replace(untouched, remarks=(left,))
    may_submit = _SUBMISSION.search(text) is not None
    try:
        with _collecting_nothing():
            return _compile(untouched, said, read) if may_submit else _without_submissions(untouched, said)
    except UnanalysedError as error:
        left = remark(error.code, error.line, error.column, f"{error}; the file is left as it is")
    except RecursionError:
        left = remark(TOO_DEEP, 1, 0, "nested too deeply to be analysed; the file is left as it is")
    return replace(untouched, remarks=(left,) if may_submit else ())


@contextmanager
def _collecting_nothing() -> Iterator[None]:
    """Hold the search for cyclic garbage: a tree and what is known about it grow and hold none, and are large."""
    held = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if held:
            gc.enable()


def _without_submissions(untouched: Compiled, said: Directives) -> Compiled:
    """A file in which nothing can be inferred: its syntax is checked, and that its comments ask for nothing."""
    check_syntax(untouched.source, untouched.path)
    if not said.ignores and not said.misspelt:
        return untouched
    from rayinfer.build.suppressions import remarks_on

    return replace(untouched, remarks=tuple(remarks_on(said, set())))


def _compile(untouched: Compiled, said: Directives, read: Callable[[str], bytes | None] | None) -> Compiled:
    """A file with submissions, or what looks like some."""
    from rayinfer.emit.rewrite import rewrite
    from rayinfer.facts.program import Program
    from rayinfer.source.module import parse

    source = parse(untouched.source, untouched.path)
    files = Program(source.path, read) if read is not None else None
    source, inferred = _inferred_of(source, said, untouched.uses_ray, files)
    output, line_map = untouched.output, untouched.line_map
    if any(result.groups or result.passed for result in inferred.blocks):
        new_text, line_map = rewrite(source, inferred.blocks)
        output = source.encode(new_text)
    graphs = tuple(result.graph for result in inferred.blocks if result.graph.items)
    for graph in graphs:
        verify(graph)
    evals = [EvalReport(e.line, e.reason) for graph in graphs for e in graph.evaluations()]
    compiled = replace(
        untouched,
        output=output,
        line_map=line_map,
        graphs=graphs,
        groups=tuple(sorted(_groups(inferred), key=lambda group: group.line)),
        evals=tuple(sorted(evals, key=lambda evaluation: evaluation.line)),
        remarks=inferred.remarks,
        made_at=tuple((g.id, source.span(c.made_by).line) for result in inferred.blocks for c, _, g in result.groups),
    )
    # Python's tree of a large file takes as much memory as all of these.
    del source, inferred, files
    _check_output(compiled)
    return compiled


def _inferred_of(source: Any, said: Directives, uses_ray: bool, files: Any) -> tuple[Any, Any]:
    """What is inferred in a file, and the file as it is read for that: calls of `map` as comprehensions.

    Those of which no group is made are read as they stand.
    """
    from rayinfer.build.module import infer_module
    from rayinfer.patterns.mapped import MAY_MAP, Respelt, respellings
    from rayinfer.source.module import parse

    parts = respellings(source) if MAY_MAP.search(source.text) else []
    before: tuple[Remark, ...] = ()
    while parts:
        respelt = Respelt(source.text, parts)
        read = parse(source.encode(respelt.text), source.path)
        inferred = infer_module(read, said, uses_ray, files)
        sites = [read.offsets(s)[0] for result in inferred.blocks for c, _, _ in result.groups for s in c.sites]
        made = [any(start <= site < end for site in sites) for start, end in respelt.ranges]
        remarks = _placed(inferred.remarks, read, source, respelt)
        if all(made):
            return read, replace(inferred, remarks=_heeded(remarks, before))
        before = before or remarks
        parts = [part for part, is_made in zip(parts, made, strict=True) if is_made]
    inferred = infer_module(source, said, uses_ray, files)
    return source, replace(inferred, remarks=_heeded(inferred.remarks, before))


def _placed(remarks: Iterable[Remark], read: Any, source: Any, respelt: Any) -> tuple[Remark, ...]:
    """Remarks on a file that was read otherwise, where their places are in the file itself."""
    found = []
    for one in remarks:
        offset = respelt.original(read.line_start(one.line) + one.column)
        line = source.line_at(offset)
        found.append(replace(one, line=line, column=offset - source.line_start(line)))
    return tuple(found)


def _heeded(remarks: tuple[Remark, ...], before: tuple[Remark, ...]) -> tuple[Remark, ...]:
    """Remarks on a file, of which parts were read otherwise `before`, until a comment asked to leave them alone."""
    from rayinfer.build.suppressions import LEFT, UNUSED

    if not before:
        return remarks
    found = [one for one in remarks if one.code != UNUSED or one in before]
    found += [one for one in before if one.code == LEFT and one not in remarks]
    return tuple(sorted(found, key=lambda one: (one.line, one.column, one.code)))


def _check_output(compiled: Compiled) -> None:
    """Raise InternalError when the output is no Python; the input is."""
    if not compiled.changed:
        return
    try:
        # Takes a third of the memory of a tree, and refuses some programs that parse: those that never ran.
        with suppress(SyntaxError, RecursionError):
            compile(compiled.output, compiled.path, "exec", dont_inherit=True)
            return
        ast.parse(compiled.output)
    except SyntaxError as error:
        raise InternalError(f"{compiled.path}: the rewritten file does not parse ({error})") from error


def _groups(inferred: Any) -> list[GroupReport]:
    found = []
    for result in inferred.blocks:
        names = {group.id: group.name or f"%{group.id}" for group in result.graph.groups()}
        for group in result.graph.groups():
            found.append(_inferred(group, names, group.span))
            found.extend(_inferred(group, names, members.span) for members in group.more)
    for refused in inferred.refused:
        found.append(GroupReport(refused.line, refused.node, refused.name, refused.task, "refused", (("none", None),)))
    return found


def _inferred(group: Group, names: dict[int, str], span: Span | None) -> GroupReport:
    depends: list[tuple[str, str | None]] = []
    for dependency in dependencies(group):
        on = dict.fromkeys(names[number] for number in dependency.groups)
        depends.extend((dependency.kind, name) for name in (on or [None]))
    line = span.line if span is not None else 0
    task = " ".join(str(group.task).split())
    return GroupReport(line, type(group).__name__, group.name, task, "inferred", tuple(depends))


def explain_json(compiled: Compiled) -> dict[str, Any]:
    """One entry of `files` in `explain --format json`."""
    return {
        "path": compiled.path,
        "groups": [group.to_json() for group in compiled.groups],
        "evals": [evaluation.to_json() for evaluation in compiled.evals],
        "remarks": [one.to_json() for one in compiled.remarks],
    }


def explain_text(compiled: Compiled) -> str:
    """The inferred IR and the remarks of a file as text, with how much of it was inferred."""
    inferred = sum(group.status == "inferred" for group in compiled.groups)
    summary = f": {inferred} of {len(compiled.groups)} submissions inferred" if compiled.groups else ""
    parts = [f"{compiled.path}{summary}\n"]
    parts.extend("\n" + format_graph(graph) for graph in compiled.graphs)
    if compiled.remarks:
        parts.append("\n")
    for one in compiled.remarks:
        parts.append(f"{compiled.path}:{one.line}:{one.column + 1}: {one.code} {one.kind}: {one.message}\n")
        if one.hint and one.kind == "missed":
            parts.append(f"    hint: {one.hint}\n")
    codes = {one.code for one in compiled.remarks if one.is_finding}
    if codes:
        parts.append(f"\n{where_explained(codes)}\n")
    if not compiled.graphs and not compiled.remarks:
        parts.append("\nno Ray submissions\n" if compiled.uses_ray else "\nno Ray in this file: nothing to do\n")
    return "".join(parts)


def where_explained(codes: Iterable[str]) -> str:
    """Where a user reads what codes mean."""
    return f"`rayinfer rule {' '.join(sorted(codes))}` explains, as does docs/remarks.md"


def drawing(compiled: Compiled, style: str) -> str:
    """The inferred IR of a file drawn as `mermaid`, `dot` or `html`."""
    if style == "html":
        from rayinfer.ir.page import format_page

        return format_page(compiled.graphs, compiled.path)
    if style == "dot":
        from rayinfer.ir.dot import format_dot

        return format_dot(compiled.graphs)
    from rayinfer.ir.mermaid import format_mermaid

    return format_mermaid(compiled.graphs)


__all__ = [
    "RULES",
    "Compiled",
    "Evaluation",
    "InternalError",
    "Rule",
    "SourceError",
    "compile_source",
    "drawing",
    "explain_json",
    "explain_text",
    "nearest",
    "where_explained",
]
