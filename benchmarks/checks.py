"""What must hold for every Python file that is compiled: checks that share no code with the compiler's analysis."""

from __future__ import annotations

import ast
import re
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from rayinfer.compiler import Compiled, SourceError, compile_source
from rayinfer.source.lines import line_starts
from rayinfer.source.text import decode

# Remarks on a whole file that was not analysed, and those on a submission besides the missed ones.
_NOT_ANALYSED = frozenset({"RI204", "RI205", "RI302"})
_ON_SITES = frozenset({"RI001", "RI002", "RI201", "RI203", "RI301"})

# What a rewritten file has in lines of their own: the import, the ends of regions, groups that start right before the
# loop that they grow in, and lists that take these in.
_OURS = re.compile(
    r"import rayinfer\.inferred as |.*\bevaluate\(|\s*\w+ = \w+\.(?:Map|InitActors|MapActors|Group)\("
    r"|\s*\w+\.extend\(\w+\)$|\s*\w+\.assume_list\("
)

# The header of a loop whose calls are made ahead of their turn, in its body.
_WRAPPED = re.compile(r"^\s*for .* in *\(*\w+\.(?:ahead|over)\(")
_EACH = re.compile(r" in \(*(\w+\.each\()")


@dataclass
class FileResult:
    """One file of a sweep.

    `seconds` is the processor time of its first compilation; `refused` counts remark codes, `groups` IR nodes.
    """

    path: str
    lines: int = 0
    seconds: float = 0.0
    uses_ray: bool = False
    rewritten: bool = False
    source_error: str | None = None
    groups: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)


Reader = Callable[[str], bytes | None]


def check_bytes(data: bytes, path: str, read: Reader | None = None) -> FileResult:
    """Compiles the content of a file, with those beside it that `read` gives, and checks the outcome.

    Everything that is wrong is in `failures`.
    """
    result = FileResult(path, lines=data.count(b"\n") + 1)
    start = time.process_time()
    try:
        compiled = compile_source(data, path, read)
    except SourceError as error:
        result.source_error = str(error)
        return result
    except Exception:
        result.failures.append(traceback.format_exc(limit=-4))
        return result
    finally:
        result.seconds = time.process_time() - start
    result.uses_ray, result.rewritten = compiled.uses_ray, compiled.changed
    result.groups = dict(Counter(group.node for group in compiled.groups if group.status == "inferred"))
    result.refused = dict(Counter(remark.code for remark in compiled.remarks if remark.kind == "missed"))
    try:
        result.failures.extend(wrong_with(compiled, read))
    except Exception:
        result.failures.append("in a check: " + traceback.format_exc(limit=-4))
    return result


def wrong_with(compiled: Compiled, read: Reader | None = None, again: bool = True) -> Iterator[str]:
    """A sentence on each thing that is wrong with the outcome of a file that compiled; with `again`, it is compiled."""
    text, _ = decode(compiled.source, compiled.path)
    output, _ = decode(compiled.output, compiled.path)
    lines, output_lines = _lines(text), _lines(output)
    if len(compiled.line_map) != len(output_lines):
        yield f"line map has {len(compiled.line_map)} entries for {len(output_lines)} lines"
        return
    if any(one > two for one, two in zip(compiled.line_map, compiled.line_map[1:], strict=False)):
        yield "line map goes backwards"
    if any(not 1 <= line <= len(lines) for line in compiled.line_map):
        yield "line map leaves the file"
        return
    tree = _parse(compiled.source)
    if not any(remark.code in _NOT_ANALYSED for remark in compiled.remarks):
        yield from _sites(compiled, tree)
    inferred = [group for group in compiled.groups if group.status == "inferred"]
    passed = _passed(compiled)
    if compiled.changed != bool(inferred or passed):
        yield f"{len(inferred)} groups and {len(passed)} gets are inferred, but changed is {compiled.changed}"
    if compiled.changed:
        try:
            _parse(compiled.output)
        except (SyntaxError, ValueError) as error:
            yield f"output does not parse: {error}"
            return
        if again and compile_source(compiled.output, compiled.path, read).output != compiled.output:
            yield "a second compilation changes the output"
        yield from _outside(compiled, tree, lines, output_lines)


def _lines(text: str) -> list[str]:
    starts = line_starts(text)
    return [text[one:two].rstrip("\r\n") for one, two in zip(starts, [*starts[1:], len(text)], strict=True)]


def _parse(data: bytes) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(data)


def _sites(compiled: Compiled, tree: ast.Module) -> Iterator[str]:
    """Every `.remote(...)` of the file is inferred or refused, once."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    expected = Counter(call.lineno for call in calls if call.func.attr == "remote")  # type: ignore[attr-defined]
    aliases = {"ray", *_aliases(tree)}
    # A call of ray.remote itself is no submission; whether a name is Ray is the compiler's to say.
    optional = Counter(
        call.lineno
        for call in calls
        if call.func.attr == "remote" and isinstance(call.func.value, ast.Name)  # type: ignore[attr-defined]
        if call.func.value.id in aliases  # type: ignore[attr-defined]
    )
    # A `remote` that is given to `map` is one where that is read as a comprehension.
    given = [call.args[0] for call in ast.walk(tree) if isinstance(call, ast.Call) and call.args]
    mapped = Counter(arg.lineno for arg in given if isinstance(arg, ast.Attribute) and arg.attr == "remote")
    listed = Counter(group.line for group in compiled.groups)
    remarked = Counter(
        remark.line for remark in compiled.remarks if remark.code in _ON_SITES or remark.kind == "missed"
    )
    for line in sorted({*expected, *listed}):
        if not expected[line] - optional[line] <= listed[line] <= expected[line] + mapped[line]:
            yield f"line {line}: {expected[line] - optional[line]} submissions, {listed[line]} listed"
    for line in sorted({*listed, *remarked}):
        if listed[line] > remarked[line]:
            yield f"line {line}: {listed[line]} submissions listed, {remarked[line]} with a remark"


def _passed(compiled: Compiled) -> set[int]:
    """The lines of gets whose values are passed on."""
    return {remark.line for remark in compiled.remarks if remark.code == "RI002"}


def _aliases(tree: ast.Module) -> set[str]:
    """The names by which a file imports ray."""
    imports = [alias for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    return {alias.asname for alias in imports if alias.name == "ray" and alias.asname is not None}


def _outside(compiled: Compiled, tree: ast.Module, lines: list[str], output: list[str]) -> Iterator[str]:
    """Lines outside the statements of the inferred groups and gets are as they were, and new lines are all ours."""
    groups = [group for group in compiled.groups if group.status == "inferred"]
    sites = {group.line for group in groups} | _passed(compiled)
    touched = _touched(tree, sites, {group.name for group in groups if group.name})
    touched |= {line for line, new in zip(compiled.line_map, output, strict=False) if _WRAPPED.search(new) is not None}
    # A `ray.get` that alone sees a group's refs is where the group is evaluated.
    gets = _touched(tree, {evaluation.line for evaluation in compiled.evals if "ray.get" in evaluation.reason}, set())
    kept: set[int] = set()
    # What is still open of a line of ours that stands on several.
    depth = 0
    for number, line in enumerate(compiled.line_map, 1):
        new = output[number - 1]
        same = lines[line - 1] in (new, _without_each(new)) and line not in kept
        if same or (line in gets and ".get(" in new):
            kept.add(line)
            ours = depth > 0
        else:
            ours = depth > 0 or _OURS.match(new) is not None
            if not ours and line not in touched:
                yield f"output line {number} is new and belongs to no group: {new.strip()!r}"
        depth = depth + new.count("(") - new.count(")") if ours else 0
    for line in range(1, len(lines) + 1):
        if line not in kept and line not in touched:
            yield f"line {line} is lost and belongs to no group: {lines[line - 1].strip()!r}"


def _without_each(line: str) -> str:
    """A line of the output with what its loop goes over as it was."""
    found = _EACH.search(line)
    if found is None:
        return line
    depth, at = 1, found.end(1)
    while depth and at < len(line):
        depth += {"(": 1, ")": -1}.get(line[at], 0)
        at += 1
    return line[: found.start(1)] + line[found.end(1) : at - 1] + line[at:]


def _touched(tree: ast.Module, sites: set[int], names: set[str]) -> set[int]:
    """The lines of the statements that hold a group's submission or start its list."""
    found: set[int] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt) or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        assert node.end_lineno is not None
        small = not hasattr(node, "body") and not hasattr(node, "cases")
        # Of a compound statement only the header is a group's to change, and of a loop of one statement all.
        body = getattr(node, "body", None)
        whole = small or (isinstance(node, ast.For) and len(node.body) == 1 and not hasattr(node.body[0], "body"))
        end = node.end_lineno if whole or not body else max(body[0].lineno - 1, node.lineno)
        span = range(node.lineno, end + 1)
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        starts = any(isinstance(target, ast.Name) and target.id in names for target in targets)
        loops = isinstance(node, ast.For) and any(
            isinstance(n, ast.Name) and n.id in names for n in ast.walk(node.iter)
        )
        if isinstance(node, ast.For) and node.iter.end_lineno != node.lineno:
            # `each(...)` around what a loop with calls goes over stands on several lines.
            loops = loops or any(node.lineno <= line <= node.end_lineno for line in sites)
        call = node.value if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) else None
        func = call.func if call is not None else None
        appends = isinstance(func, ast.Attribute) and func.attr == "append" and isinstance(func.value, ast.Name)
        appends = appends and func.value.id in names
        if starts or loops or appends or any(line in span for line in sites):
            found.update(span)
    return found
