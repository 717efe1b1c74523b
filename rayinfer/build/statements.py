"""Statements as the region builder sees them: pure, submitting, or the end of a region and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from rayinfer.facts.effects import impure_part, impure_test, is_plain_iterable
from rayinfer.facts.hooks import FINALISER, KEYS
from rayinfer.facts.syntax import target_parts
from rayinfer.facts.tells import only_tells
from rayinfer.facts.walk import walk
from rayinfer.patterns.callee import is_submission
from rayinfer.patterns.context import Context
from rayinfer.patterns.lingering import is_in_submitting_loop, lingers
from rayinfer.patterns.owned import CHANGING, gives_scalar, is_count, is_own, value_of
from rayinfer.source.module import Source

BRANCH = "end of a branch"
TRY = "edge of a try"
_KEYWORD = {
    cst.Return: "return",
    cst.Raise: "raise",
    cst.Break: "break",
    cst.Continue: "continue",
    cst.Del: "del",
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


def impurity(statement: cst.CSTNode, context: Context) -> str | None:
    """Why a statement ends a region; None for one that a region may go on behind."""
    if not isinstance(statement, cst.SimpleStatementLine | cst.BaseSmallStatement):
        return _end_reason(statement, context)
    parts = statement.body if isinstance(statement, cst.SimpleStatementLine) else [statement]
    found = [impure_statement(part, context) for part in parts]
    return next((part[1] for part in found if part is not None), None)


def impure_statement(small: cst.BaseSmallStatement, context: Context) -> tuple[cst.CSTNode, str] | None:
    """None when a small statement only binds names to values without effects; else its part at fault, and why.

    So is one that changes a container which nothing else holds yet, and an assertion, which may raise as any expression
    may.
    """
    names, source = context.names, context.source
    if isinstance(small, cst.Pass):
        return None
    if isinstance(small, cst.Assert):
        return tested(small.test, context) or first_effect([small.msg], context)
    changed = _changed_by(small)
    if changed is not None:
        if not _is_own(changed[0], small, context):
            return small, f"`{changed[0].value}` changes, which a call or other code may hold"
        if any(is_submission(part, context) for value in changed[1] for part in walk(value)):
            return small, f"`{changed[0].value}` takes in what is submitted here"
        return first_effect(changed[1], context)
    if isinstance(small, cst.Assign):
        targets = [part for target in small.targets for part in target_parts(target.target)]
        value: cst.BaseExpression | None = small.value
    elif isinstance(small, cst.AnnAssign) or (isinstance(small, cst.AugAssign) and is_count(small, context)):
        targets, value = [small.target], small.value
    elif isinstance(small, cst.Expr) and isinstance(small.value, cst.SimpleString | cst.Ellipsis):
        return None
    elif isinstance(small, cst.Expr) and isinstance(small.value, cst.Call) and _tells(small, small.value, context):
        return first_effect([arg.value for arg in small.value.args], context)
    else:
        return small, _end_reason(small, context)
    stored = next((target for target in targets if not isinstance(target, cst.Name)), None)
    if stored is not None:
        return stored, "an assignment to an attribute or item may change an object"
    if value is None:
        return None
    bound = [target for target in targets if isinstance(target, cst.Name)]
    for target in bound:
        if names.is_shared(target):
            return target, f"`{target.value}` is seen by other functions, which another thread may run"
    if names.hooks.on_any(FINALISER) and any(_may_drop(target, small, context) for target in bound):
        return small, "an object that this drops may run code of this file"
    if names.hooks.iteration and len(targets) > 1 and not is_plain_iterable(value, names):
        return value, f"taking `{source.shown(value)}` apart may run code of this file"
    return first_effect([value], context)


def is_jump_inside(leaf: cst.CSTNode, around: cst.CSTNode, context: Context) -> bool:
    """Whether a statement only leaves a loop or a round of one in `around`, or raises what has no effect.

    An exception is as if the expression before had raised it: what is pending is submitted. A loop that is left early
    goes over what runs no code when it is dropped.
    """
    if isinstance(leaf, cst.Raise):
        parts = [leaf.exc, leaf.cause.item if leaf.cause is not None else None]
        return leaf.exc is not None and first_effect(parts, context) is None
    loop = context.parent(leaf) if isinstance(leaf, cst.Break | cst.Continue) else None
    while loop is not None and not isinstance(loop, cst.For | cst.While):
        loop = context.parent(loop)
    if not isinstance(loop, cst.For) or not context.is_inside(loop, around):
        return False
    return isinstance(leaf, cst.Continue) or context.is_plain_iterable(loop.iter)


def tested(test: cst.BaseExpression, context: Context) -> tuple[cst.CSTNode, str] | None:
    """The part of a condition that has an effect or may take long, and why; None when it has none."""
    return _told(impure_test(test, context.names), context) or lingers(test, context)


def first_effect(parts: Sequence[cst.BaseExpression | None], context: Context) -> tuple[cst.CSTNode, str] | None:
    """The first part of some expressions that has an effect or may take long, and why; None when none has."""
    for part in parts:
        if part is not None:
            effect = _told(impure_part(part, context.names), context) or lingers(part, context)
            if effect is not None:
                return effect
    return None


def _tells(small: cst.Expr, call: cst.Call, context: Context) -> bool:
    """Whether a statement prints how far a loop is that submits: the lines are the same, and so is their order."""
    starred = any(arg.star for arg in call.args)
    return only_tells(call, context.names) and not starred and is_in_submitting_loop(small, context)


def _told(effect: cst.CSTNode | None, context: Context) -> tuple[cst.CSTNode, str] | None:
    return (effect, context.describe(effect)) if effect is not None else None


def _changed_by(small: cst.BaseSmallStatement) -> tuple[cst.Name, list[cst.BaseExpression]] | None:
    """The name of a container that `x[key] = value` or `x.append(value)` changes, and what that evaluates."""
    if isinstance(small, cst.Assign) and len(small.targets) == 1:
        target = small.targets[0].target
        if isinstance(target, cst.Subscript) and isinstance(target.value, cst.Name):
            keys = [part.slice.value for part in target.slice if isinstance(part.slice, cst.Index)]
            return (target.value, [small.value, *keys]) if len(keys) == len(target.slice) else None
    call = small.value if isinstance(small, cst.Expr) else None
    if isinstance(call, cst.Call) and isinstance(call.func, cst.Attribute) and isinstance(call.func.value, cst.Name):
        if call.func.attr.value in CHANGING:
            return call.func.value, [arg.value for arg in call.args]
    return None


def _is_own(name: cst.Name, small: cst.CSTNode, context: Context) -> bool:
    """Whether nothing but this code can tell that a statement changes a container: no task, and no hook of the file."""
    hooks = context.names.hooks
    if hooks.on_any(FINALISER | KEYS) or hooks.iteration or context.names.is_shared(name):
        return False
    return is_own(name, small, context)


def _may_drop(target: cst.Name, small: cst.BaseSmallStatement, context: Context) -> bool:
    """Whether a name that is bound anew may hold the last reference to an object of the program's."""
    before = context.flow.reaching_before(small, context.scopes.spelling(target))
    for definition in before:
        value = value_of(definition)
        nothing = definition.unbinds or (value is not None and gives_scalar(value, context))
        if not nothing:
            return True
    return not before


def _end_reason(statement: cst.CSTNode, context: Context) -> str:
    """Why a statement ends a region, in a few words."""
    if isinstance(statement, cst.Expr):
        if isinstance(statement.value, cst.Yield | cst.Await):
            return context.describe(statement.value)
        effect = impure_part(statement.value, context.names)
        return context.describe(effect) if effect is not None else "a bare expression"
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
