"""The one entry of the compiler: bytes of a plain Ray program in, the rewritten program and its report out."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import Any

from rayinfer.ir.graph import Evaluation, Graph, verify
from rayinfer.ir.nodes import Group, dependencies
from rayinfer.ir.printer import format_graph
from rayinfer.ir.remarks import Remark
from rayinfer.source.lines import line_starts
from rayinfer.source.text import SourceError, check_syntax, decode

_RAY_IMPORT = re.compile(r"\b(import|from)\b[^\n#]*\bray\b")


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
    """What became of one file. `line_map[n - 1]` is the user's line that line n of `output` comes from."""

    path: str
    source: bytes
    output: bytes
    uses_ray: bool
    line_map: tuple[int, ...]
    graphs: tuple[Graph, ...] = ()
    groups: tuple[GroupReport, ...] = ()
    evals: tuple[EvalReport, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether the rewritten file differs from the user's."""
        return self.output != self.source


def compile_source(data: bytes, path: str) -> Compiled:
    """Infers the groups of a file and rewrites it; user code is never run.

    Raises:
        SourceError: when the file cannot be read as Python.
        InternalError: when the output breaks a rule of the compiler; nothing is to be written then.
    """
    text, _ = decode(data, path)
    uses_ray = "ray" in text and _RAY_IMPORT.search(text) is not None
    lines = tuple(range(1, len(line_starts(text)) + 1))
    if not uses_ray or ".remote" not in text:
        check_syntax(data, path)
        return Compiled(path, data, data, uses_ray, lines)
    from rayinfer.build.module import infer_module
    from rayinfer.emit.rewrite import rewrite
    from rayinfer.source.module import parse

    source = parse(data, path)
    inferred = infer_module(source)
    output, line_map = data, lines
    if any(result.groups for result in inferred.blocks):
        new_text, line_map = rewrite(source, inferred.blocks)
        output = source.encode(new_text)
        try:
            ast.parse(output)
        except SyntaxError as error:
            raise InternalError(f"{path}: the rewritten file does not parse ({error})") from error
    graphs = tuple(result.graph for result in inferred.blocks if result.graph.items)
    for graph in graphs:
        verify(graph)
    evals = [EvalReport(e.line, e.reason) for graph in graphs for e in graph.evaluations()]
    return Compiled(
        path,
        data,
        output,
        uses_ray,
        line_map,
        graphs,
        tuple(sorted(_groups(inferred), key=lambda group: group.line)),
        tuple(sorted(evals, key=lambda evaluation: evaluation.line)),
        inferred.remarks,
    )


def _groups(inferred: Any) -> list[GroupReport]:
    found = []
    for result in inferred.blocks:
        names = {group.id: group.name or f"%{group.id}" for group in result.graph.groups()}
        for group in result.graph.groups():
            found.append(_inferred(group, names))
    for refused in inferred.refused:
        found.append(GroupReport(refused.line, refused.node, refused.name, refused.task, "refused", (("none", None),)))
    return found


def _inferred(group: Group, names: dict[int, str]) -> GroupReport:
    depends: list[tuple[str, str | None]] = []
    for dependency in dependencies(group):
        on = dict.fromkeys(names[number] for number in dependency.groups)
        depends.extend((dependency.kind, name) for name in (on or [None]))
    line = group.span.line if group.span is not None else 0
    task = " ".join(str(group.task).split())
    return GroupReport(line, type(group).__name__, group.name, task, "inferred", tuple(depends))


def explain_json(compiled: Compiled) -> dict[str, Any]:
    """One entry of `files` in `explain --format json`."""
    return {
        "path": compiled.path,
        "groups": [group.to_json() for group in compiled.groups],
        "evals": [evaluation.to_json() for evaluation in compiled.evals],
        "remarks": [remark.to_json() for remark in compiled.remarks],
    }


def explain_text(compiled: Compiled) -> str:
    """The inferred IR and the remarks of a file as text, with how much of it was inferred."""
    inferred = sum(group.status == "inferred" for group in compiled.groups)
    summary = f": {inferred} of {len(compiled.groups)} submissions inferred" if compiled.groups else ""
    parts = [f"{compiled.path}{summary}\n"]
    parts.extend("\n" + format_graph(graph) for graph in compiled.graphs)
    if compiled.remarks:
        parts.append("\n")
    for remark in compiled.remarks:
        parts.append(
            f"{compiled.path}:{remark.line}:{remark.column + 1}: {remark.code} {remark.kind}: {remark.message}\n"
        )
        if remark.hint and remark.kind == "missed":
            parts.append(f"    hint: {remark.hint}\n")
    if not compiled.graphs and not compiled.remarks:
        parts.append("\nno Ray submissions\n" if compiled.uses_ray else "\nno Ray in this file: nothing to do\n")
    return "".join(parts)


__all__ = ["Compiled", "Evaluation", "InternalError", "SourceError", "compile_source", "explain_json", "explain_text"]
