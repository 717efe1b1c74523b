"""Where the one import of a rewritten file goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst
from libcst.helpers import get_full_name_for_node_or_raise

from rayinfer.build.statements import statements_of, suites
from rayinfer.emit.edits import Edit
from rayinfer.source.lines import NEWLINE
from rayinfer.source.module import Source


def import_edit(source: Source, text: str, edits: Sequence[Edit]) -> Edit:
    """The edit that adds the import: after the import of ray that all other edits follow, or else at the file's head.

    An import of ray in a branch or a `try` is taken when no other suite imports it, too; one in a function, when all
    edits stand in that function.
    """
    newline = source.module.default_newline
    first, last = min(edit.start for edit in edits), max(edit.end for edit in edits)
    body = source.module.body
    top = next((statement for statement in body if _imports_ray(statement)), None)
    for found in (top, _only(_nested_imports(body)), _only(_function_imports(body, source, first, last))):
        if found is not None and source.offsets(found)[1] <= first and _owns_its_line(found, source):
            start, at = source.offsets(found)[0], _end_of_line(found, source)
            indent = source.text[source.line_start(source.line_at(start)) : start]
            return Edit(at, at, newline + indent + text)
    head = body[: _head_length(body)]
    if head:
        at = _end_of_line(head[-1], source)
        return Edit(at, at, newline + text)
    start, _ = source.offsets(_with_decorators(body[0]))
    at = source.line_start(source.line_at(start))
    return Edit(at, at, text + newline)


def _only(found: Iterator[tuple[object, cst.CSTNode]]) -> cst.CSTNode | None:
    several = list(found)
    return several[0][1] if len({id(suite) for suite, _ in several}) == 1 else None


def _nested_imports(statements: Sequence[cst.CSTNode]) -> Iterator[tuple[object, cst.CSTNode]]:
    """The lines of a block that import ray, outside of functions and classes, each with its suite."""
    for statement in statements:
        if _imports_ray(statement):
            yield statements, statement
        for suite in suites(statement):
            if isinstance(suite.body, cst.IndentedBlock):
                yield from _nested_imports(statements_of(suite.body))


def _function_imports(
    body: Sequence[cst.CSTNode], source: Source, first: int, last: int
) -> Iterator[tuple[object, cst.CSTNode]]:
    """The imports of ray in the function or method that holds everything from `first` to `last`."""
    for statement in body:
        if not isinstance(statement, cst.FunctionDef | cst.ClassDef):
            continue
        start, end = source.offsets(statement)
        if not (start <= first and last <= end and isinstance(statement.body, cst.IndentedBlock)):
            continue
        if isinstance(statement, cst.ClassDef):
            yield from _function_imports(statement.body.body, source, first, last)
        else:
            yield from ((statement, line) for line in statement.body.body if _imports_ray(line))


def _imports_ray(statement: cst.CSTNode) -> bool:
    return isinstance(statement, cst.SimpleStatementLine) and any(_is_import_of_ray(part) for part in statement.body)


def _is_import_of_ray(small: cst.BaseSmallStatement) -> bool:
    if isinstance(small, cst.Import):
        return any(_root(alias.name) == "ray" for alias in small.names)
    if not isinstance(small, cst.ImportFrom) or small.module is None or small.relative:
        return False
    return _root(small.module) == "ray"


def _root(module: cst.BaseExpression) -> str:
    return get_full_name_for_node_or_raise(module).partition(".")[0]


def _owns_its_line(statement: cst.CSTNode, source: Source) -> bool:
    start, _ = source.offsets(statement)
    return not source.text[source.line_start(source.line_at(start)) : start].strip()


def _end_of_line(node: cst.CSTNode, source: Source) -> int:
    found = NEWLINE.search(source.text, source.offsets(node)[1])
    return found.start() if found else len(source.text)


def _head_length(body: Sequence[cst.CSTNode]) -> int:
    """How many statements at the top are the docstring or `__future__` imports."""
    count = 0
    for statement in body:
        small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
        docstring = (
            count == 0
            and isinstance(small, cst.Expr)
            and isinstance(small.value, cst.SimpleString | cst.ConcatenatedString)
        )
        future = isinstance(small, cst.ImportFrom) and small.module is not None and _root(small.module) == "__future__"
        if not docstring and not future:
            break
        count += 1
    return count


def _with_decorators(statement: cst.CSTNode) -> cst.CSTNode:
    decorators = getattr(statement, "decorators", ())
    return decorators[0] if decorators else statement
