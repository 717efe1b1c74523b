"""Whole programs: functions and module code, from a seed or as a hypothesis strategy."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import strategies as st

from tests.fuzz import groups
from tests.fuzz.prelude import with_prelude
from tests.fuzz.state import HANDLES, LIST, REFS, SMALL, State
from tests.fuzz.statements import block, show
from tests.fuzz.syntax import Line, Program, Statement, compound, source_lines


def generated(number: int, cluster: bool = False) -> Program:
    """The program of a seed. With `cluster`, a small one that is deterministic on a real cluster, too."""
    return _program(State(random.Random(number).randrange, cluster=cluster))


@st.composite
def programs(draw: Any) -> Program:
    """The same choices made by hypothesis, which comes back to what it has seen and varies it."""
    return _program(State(lambda count: draw(st.integers(0, count - 1))))


def _program(s: State) -> Program:
    s.risky, s.calm = s.chance(30), s.chance(60)
    body: list[Statement] = []
    if s.chance(8):
        body.append(Line("ray.init()" if not s.cluster else "ray.is_initialized()"))
    if s.chance(30):
        return Program((*body, *_module(s)))
    called: list[Statement] = []
    if s.chance(25):
        called = _helper(s, body)
    inner = s.inner(in_function=True, names={"n": SMALL}, depth=0)
    inner.functions = s.functions
    statements = [*block(inner, 3, 9), *called, *_end(inner)]
    body.append(compound("def main(n):", statements))
    body.append(Line(f"print(main({s.below(4)}) is None)"))
    if s.chance(15):
        body.append(Line(f"print(main({s.below(3)}) is None)"))
    if s.chance(30):
        body[-1:] = [compound('if __name__ == "__main__":', body[-1:])]
    return Program(tuple(body))


def _module(s: State) -> list[Statement]:
    """A program without a main function; it may be taken for a script, or for a module that others import."""
    s.bind("n", SMALL)
    statements: list[Statement] = [Line("n = 2"), *block(s, 3, 9), *_end(s)]
    if s.chance(15):
        return [compound('if __name__ == "__main__":', statements)]
    return statements


def _helper(s: State, body: list[Statement]) -> list[Statement]:
    """A function of the module that takes and gives a list of refs; gives the lines that call it."""
    inner = s.inner(in_function=True, names={"given": REFS, "n": SMALL}, depth=1)
    statements = block(inner, 1, 4)
    kind = s.pick([REFS, HANDLES])
    found = inner.some(kind)
    statements.append(Line(f"return {found}" if found else f"return {groups.listed(inner)}"))
    if s.chance(15) and found:
        statements.append(Line("yield 1"))
        call = "for part in helper([f.remote(1)], 1): print(type(part).__name__)"
    else:
        call = "show(helper([f.remote(1), f.remote(2)], 1))"
    if s.chance(12):
        body.append(Line("shared = [1]"))
        statements = [Line("global shared"), Line(f"shared = {groups.listed(inner)}"), *statements]
        call += "\nprint(len(shared))"
    body.append(compound("def helper(given, n):", statements))
    return [Line(call)]


def _end(s: State) -> list[Statement]:
    """What a program shows in the end."""
    found: list[Statement] = []
    handles = s.some(HANDLES)
    if handles is not None and s.chance(75):
        text = s.pick(
            [f"ray.get([a.read.remote() for a in {handles}])", f"[ray.get(a.read.remote()) for a in {handles}]"]
        )
        found.append(Line(f"print(total({text}))"))
    refs = s.some(REFS)
    if refs is not None and s.chance(50):
        found.append(Line(f"print(total(ray.get({refs})))"))
    items = s.some(LIST)
    if items is not None and s.chance(30):
        found.append(Line(f"print(total({items}))"))
    if s.chance(40):
        found.extend(show(s))
    if s.in_function and refs is not None and s.chance(15):
        found.append(Line(f"return {refs}"))
    return found


def source(program: Program, alone: bool = False) -> str:
    """The text of a program; one that is to stand `alone` imports nothing of this package."""
    return with_prelude(list(source_lines(program.body)), alone)
