"""Stretches: statements that only submit single tasks and pass their refs on, to each other: chains and trees."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import libcst as cst

from rayinfer.facts.walk import walk
from rayinfer.ir.nodes import OTHER, Argument, Earlier, Map, Some, Value
from rayinfer.patterns.arguments import plain_value
from rayinfer.patterns.callee import callee_of, is_submission
from rayinfer.patterns.context import Candidate, Context, Details, Refusal, Stretch
from rayinfer.patterns.symbols import Symbols

VALID = (
    (
        "refs = [f.remote(i) for i in range(8)]\nwhile len(refs) > 1:\n"
        "    refs = refs[2:] + [step.remote(refs[0], refs[1])]\nprint(ray.get(refs[0]))",
        "Map",
    ),
    ("x = 0\nfor n in names:\n    x = f.remote(x, n)\nprint(ray.get(x))", "Map"),
    ("x = f.remote(1)\ny = step.remote(x)\nprint(ray.get(y))", "Map"),
    ("x = step.remote(f.remote(1))\nprint(ray.get(x))", "Map"),
)
INVALID = (
    ("x = 0\nfor n in names:\n    x = f.remote(x, n)\n    print(n)", "RI101"),
    ("refs = load()\nwhile len(refs) > 1:\n    refs = refs[2:] + [f.remote(refs[0], refs[1])]", "RI104"),
    ("x = 0\nfor n in names:\n    x = f.remote([x], n)", "RI101"),
)


def stretches(
    suites: Iterable[Sequence[cst.CSTNode]], context: Context, accepts: Callable[[Stretch], bool]
) -> list[Stretch]:
    """The stretches of some suites, the outer ones first, that `accepts` lets pass."""
    found: list[Stretch] = []
    taken: set[int] = set()
    for statements in suites:
        start = 0
        while start < len(statements):
            stretch, start = _next(statements, start, context)
            own = {id(site) for site in stretch.symbols.sites} if stretch is not None else set()
            if stretch is not None and taken.isdisjoint(own) and accepts(stretch):
                found.append(stretch)
                taken |= own
    return found


def _next(statements: Sequence[cst.CSTNode], start: int, context: Context) -> tuple[Stretch | None, int]:
    """The stretch that begins at the first statement that submits, if there is one, and where to look for the next."""
    while start < len(statements) and not _begins(statements[start], context):
        start += 1
    stop = _end(statements, start, context)
    if stop == start:
        return None, start + 1
    chosen = Symbols(statements[start:stop], context).needed()
    if chosen is None:
        return None, stop
    first, last = start + chosen[0], start + chosen[1] + 1
    try:
        read = Symbols(statements[first:last], context)
    except Refusal:
        return None, stop
    if not read.passed or read.unknown_lists:
        return None, stop
    return Stretch(tuple(statements[first:last]), read), stop


def _end(statements: Sequence[cst.CSTNode], start: int, context: Context) -> int:
    """Where the statements end that are read as one; `start` when not even the first is.

    What is refused is refused with more statements too, so that doubling and halving find the end: a long suite is
    read a logarithmic number of times, not once per statement.
    """
    good, step = start, 1
    while good + step <= len(statements) and _is_read(statements[start : good + step], context):
        good += step
        step *= 2
    while step > 1:
        step //= 2
        if good + step <= len(statements) and _is_read(statements[start : good + step], context):
            good += step
    return good


def _is_read(statements: Sequence[cst.CSTNode], context: Context) -> bool:
    try:
        Symbols(statements, context)
    except Refusal:
        return False
    return True


def _begins(statement: cst.CSTNode, context: Context) -> bool:
    """Whether a statement submits, or starts an empty list."""
    if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1:
        value = getattr(statement.body[0], "value", None)
        if isinstance(value, cst.List) and not value.elements:
            return True
    return any(is_submission(node, context) for node in walk(statement))


def candidates(stretch: Stretch, context: Context) -> list[Candidate]:
    """A candidate for each place that submits, in source order.

    Raises:
        Refusal: when a callee is no remote function of this file.
    """
    found: list[Candidate] = []
    for site in stretch.symbols.sites:
        callee = callee_of(site, context)
        if callee.kind != "task" or callee.file is not None or callee.options is not None or callee.several:
            raise Refusal("RI101", "a single call of what this file does not define is left as it is")
        stmt, holder = stretch.symbols.statement_of[id(site)], stretch.symbols.holder_of.get(id(site), site)
        candidate = Candidate("later", site, callee, Map, stmt, holder, stretch.symbols.name_of.get(id(site)))
        candidate.stretch = stretch
        found.append(candidate)
    stretch.candidates = found
    return found


def details(candidate: Candidate, context: Context) -> Details:
    """The operands of the calls of one place: what they take of each other, and plain values.

    Raises:
        Refusal: when an argument is not understood.
    """
    stretch = candidate.stretch
    assert stretch is not None
    number = {id(one.site): one.id for one in stretch.candidates}
    found = Details()
    for arg in candidate.site.args:
        keyword = "**" if arg.star == "**" else arg.keyword.value if arg.keyword is not None else None
        taken = stretch.symbols.passed.get(id(arg))
        if taken is None:
            slot: Value | Some | Earlier = plain_value(arg.value, arg.star, {}, context)
        else:
            groups = (*sorted(number[site] for site in taken[0]), *((OTHER,) if taken[1] else ()))
            slot = Earlier(groups) if candidate.id in groups else Some(groups)
        found.args.append(Argument(slot, keyword))
    return found
