"""The generated programs as trees of statements that print to source, and can be taken apart to make one smaller."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Line:
    """One logical line: a small statement (or several, with semicolons); further physical lines are its own."""

    text: str


@dataclass(frozen=True)
class Clause:
    """A header such as `for x in xs:`, `else:` or `def main():`, and the statements below it."""

    header: str
    body: tuple[Statement, ...]


@dataclass(frozen=True)
class Compound:
    """A compound statement: its clauses in order."""

    clauses: tuple[Clause, ...]


Statement = Line | Compound


@dataclass(frozen=True)
class Program:
    """A whole file: the definitions that it uses from the prelude are added when it is printed."""

    body: tuple[Statement, ...]


def compound(header: str, body: list[Statement], *others: tuple[str, list[Statement]]) -> Compound:
    """A compound statement from headers and bodies; an empty body is a `pass`."""
    clauses = [(header, body), *others]
    return Compound(tuple(Clause(head, tuple(below) or (Line("pass"),)) for head, below in clauses))


def source_lines(statements: tuple[Statement, ...], indent: str = "") -> Iterator[str]:
    """The physical lines of statements."""
    for statement in statements:
        if isinstance(statement, Line):
            yield from (indent + line for line in statement.text.split("\n"))
            continue
        if statement.clauses[0].header.startswith(("def ", "async def ", "class ", "@")) and not indent:
            yield from ("", "")
        for clause in statement.clauses:
            yield from (indent + line for line in clause.header.split("\n"))
            yield from source_lines(clause.body, indent + "    ")
        if statement.clauses[0].header.startswith(("def ", "async def ", "class ", "@")) and not indent:
            yield from ("", "")


def smaller(program: Program) -> Iterator[Program]:
    """Programs with one part less, the largest parts first: a statement gone, or replaced by what it holds."""
    for body in _smaller_body(program.body):
        yield replace(program, body=body)


def _smaller_body(body: tuple[Statement, ...]) -> Iterator[tuple[Statement, ...]]:
    size = len(body) // 2
    while size > 1:
        for start in range(0, len(body), size):
            yield body[:start] + body[start + size :]
        size //= 2
    for index in reversed(range(len(body))):
        before, statement, after = body[:index], body[index], body[index + 1 :]
        if len(body) > 1:
            yield before + after
        if isinstance(statement, Compound):
            for clause in statement.clauses:
                if not clause.header.startswith(("def ", "async def ", "class ", "@")):
                    yield before + clause.body + after
    for index in range(len(body)):
        before, statement, after = body[:index], body[index], body[index + 1 :]
        if isinstance(statement, Compound):
            for less in _smaller_compound(statement):
                yield (*before, less, *after)


def _smaller_compound(statement: Compound) -> Iterator[Compound]:
    clauses = statement.clauses
    for index in range(1, len(clauses)):
        yield Compound(clauses[:index] + clauses[index + 1 :])
    for index, clause in enumerate(clauses):
        if clause.body != (Line("pass"),):
            for body in _smaller_body(clause.body):
                yield Compound((*clauses[:index], replace(clause, body=body), *clauses[index + 1 :]))
