"""Statements as the region builder sees them: pure, submitting, or the end of a region and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from rayinfer.facts.effects import describe_effect, impure_part, is_plain_iterable
from rayinfer.facts.names import Names
from rayinfer.facts.syntax import target_parts
from rayinfer.source.module import Source

BRANCH = "end of a branch"
TRY = "edge of a try"
_FINALISER = frozenset({"__del__"})
_KEYWORD = {
    cst.Return: "return",
    cst.Raise: "raise",
    cst.Break: "break",
    cst.Continue: "continue",
    cst.Del: "del",
    cst.Assert: "assert",
    cst.Import: "import",
    cst.ImportFrom: "import",
    cst.AugAssign: "an augmented assignment may change an object",
    cst.While: "while loop",
    cst.For: "for loop",
    cst.If: "branch",
    cst.Try: TRY,
    cst.TryStar: TRY,
    cst.With: "edge of a with",
    cst.FunctionDef: "definition",
    cst.ClassDef: "definition",
    cst.Match: "match",
}


def impure_statement(small: cst.BaseSmallStatement, names: Names, source: Source) -> tuple[cst.CSTNode, str] | None:
    """None when a small statement only binds names to values without effects; else its part at fault, and why."""
    if isinstance(small, cst.Pass):
        return None
    if isinstance(small, cst.Assign):
        targets = [part for target in small.targets for part in target_parts(target.target)]
        value: cst.BaseExpression | None = small.value
    elif isinstance(small, cst.AnnAssign):
        targets, value = [small.target], small.value
    elif isinstance(small, cst.Expr) and isinstance(small.value, cst.SimpleString | cst.Ellipsis):
        return None
    else:
        return small, end_reason(small, names, source)
    stored = next((target for target in targets if not isinstance(target, cst.Name)), None)
    if stored is not None:
        return stored, "an assignment to an attribute or item may change an object"
    for target in targets if value is not None else ():
        if isinstance(target, cst.Name) and names.is_shared(target):
            return target, f"`{target.value}` is seen by other functions, which another thread may run"
    if names.hooks.on_any(_FINALISER):
        return small, "an object that this drops may run code of this file"
    if value is not None and names.hooks.iteration and len(targets) > 1 and not is_plain_iterable(value, names):
        return value, f"taking `{' '.join(source.code(value).split())}` apart may run code of this file"
    effect = impure_part(value, names) if value is not None else None
    return None if effect is None else (effect, describe_effect(effect, names, source.code))


def end_reason(statement: cst.CSTNode, names: Names, source: Source) -> str:
    """Why a statement ends a region, in a few words."""
    if isinstance(statement, cst.Expr):
        if isinstance(statement.value, cst.Yield | cst.Await):
            return describe_effect(statement.value, names, source.code)
        effect = impure_part(statement.value, names)
        return describe_effect(effect, names, source.code) if effect is not None else "a bare expression"
    return _KEYWORD.get(type(statement), "its effect is not known")


@dataclass(frozen=True, slots=True)
class Suite:
    """A suite of a compound statement: what its end is called, the node whose line heads it, and its body."""

    end: str
    head: cst.CSTNode
    body: cst.BaseSuite

    def header(self, source: Source) -> str:
        """The line above the suite; an `else` tells whose it is where that is no `if`."""
        start, _ = source.offsets(self.head)
        text = source.line_text(source.line_at(start)).strip()
        return f"{text.removesuffix(':')} of a try:" if self.end == TRY and isinstance(self.head, cst.Else) else text


def suites(statement: cst.CSTNode) -> Iterator[Suite]:
    """The suites of a compound statement in order; none for `def` and `class`."""
    if isinstance(statement, cst.For | cst.While):
        yield Suite("end of a loop body", statement, statement.body)
        if statement.orelse is not None:
            yield Suite(BRANCH, statement.orelse, statement.orelse.body)
    elif isinstance(statement, cst.If):
        branch: cst.If | cst.Else | None = statement
        while branch is not None:
            yield Suite(BRANCH, branch, branch.body)
            branch = branch.orelse if isinstance(branch, cst.If) else None
    elif isinstance(statement, cst.Try | cst.TryStar):
        for part in (statement, *statement.handlers, statement.orelse, statement.finalbody):
            if part is not None:
                yield Suite(TRY, part, part.body)
    elif isinstance(statement, cst.With):
        yield Suite("edge of a with", statement, statement.body)
    elif isinstance(statement, cst.Match):
        for case in statement.cases:
            yield Suite(BRANCH, case, case.body)


def suites_of(block: cst.Module | cst.FunctionDef) -> Iterator[Sequence[cst.CSTNode]]:
    """The statements of every suite of a function or module, nested functions and classes left out."""
    work: list[Sequence[cst.CSTNode]] = [block.body.body if isinstance(block, cst.FunctionDef) else block.body]
    while work:
        statements = work.pop()
        yield statements
        for statement in statements:
            work += [suite.body.body for suite in suites(statement) if isinstance(suite.body, cst.IndentedBlock)]


def statements_of(suite: cst.BaseSuite | cst.Module) -> Sequence[cst.CSTNode]:
    """The statements of a suite; a one-line suite holds small statements."""
    return suite.body


def leaves(suite: cst.BaseSuite) -> Iterator[cst.CSTNode]:
    """The small and compound statements of a suite."""
    for statement in statements_of(suite):
        if isinstance(statement, cst.SimpleStatementLine):
            yield from statement.body
        else:
            yield statement
