"""Loops that submit and change containers and numbers of their own, and whose rounds may be left early."""

from __future__ import annotations

from tests.fuzz.expressions import condition, iteration, submission
from tests.fuzz.state import REFS, SMALL, State
from tests.fuzz.syntax import Line, Statement, compound

# How something of the loop's own starts, how a round changes it, and what an argument reads of it; N is its name.
_OWN = (
    ("[]", ("N.append(len(N))", "N += [1]", "N.insert(0, 7)", "N.append([2])"), ("len(N)", "N[-1:]")),
    ("[0, [1]]", ("N[0] = len(N)", "N.append(N[0])", "N[1] = [3]", "N[1].append(4)"), ("N[0]", "N[1]", "N[-1]")),
    ("{}", ("N[len(N)] = 1", 'N["k"] = [2]', "N.setdefault(1, len(N))", "N.update(a=len(N))"), ("len(N)", "1 in N")),
    ("collections.defaultdict(list)", ("N[0].append(1)", "N[len(N)]", "N.update(z=3)"), ("N[1]", "N[len(N)]")),
    ("0", ("N += 1", "N -= 2", "N += len('ab')", "N = N + 1"), ("N", "N * 2", "(N, 1)")),
)  # fmt: skip


# What a name may stand for that a round calls, and that it may give the name anew.
_TASKS = ("f", "add", "deep", "f.options(num_cpus=1)")


def _renamed(s: State) -> tuple[str | None, list[Statement]]:
    """A name of the loop's own for a task, and what binds it; mostly none."""
    if not s.chance(25):
        return None, []
    name = s.fresh("task")
    return name, [Line(f"{name} = {s.pick(_TASKS)}")]


def beside(s: State) -> list[Statement]:
    """A loop with one group, kept or dropped, and something of its own that changes in its rounds."""
    target, iterable, members = iteration(s)
    inner = s.inner(in_loop=True)
    for name, kind in members.items():
        inner.bind(name, kind)
    own, out = s.fresh("own"), s.fresh("us")
    start, changes, reads = s.pick(_OWN)
    given = s.pick(reads).replace("N", own)
    if s.chance(25):
        given = s.pick([own, f"[{own}]"])
    call = submission(inner, members)
    if s.chance(60):
        call = f"add.remote({given}, {s.pick([*members, '1'])})"
    callee, first = _renamed(s)
    if callee is not None:
        call = f"{callee}.remote({given}, {s.pick([*members, '1'])})"
    dropped = s.chance(25)
    body: list[Statement] = [Line(call if dropped else f"{out}.append({call})")]
    for _ in range(1 + s.below(2)):
        body.insert(s.below(len(body) + 1), Line(s.pick(changes).replace("N", own)))
    if s.chance(40):
        small = [name for name, kind in members.items() if kind == SMALL]
        test = f"{small[0]} == {s.below(3)}" if small else condition(inner, members)
        leave = s.pick(["continue", "break", "continue", 'raise ValueError("left")' if s.risky else "break"])
        body.insert(s.below(len(body) + 1), compound(f"if {test}:", [Line(leave)]))
    if s.chance(15):
        body.insert(s.below(len(body) + 1), Line(s.pick(["assert True", f"assert {own} is not None, {own}"])))
    if callee is not None and s.chance(60):
        body.insert(s.below(len(body) + 1), Line(f"{callee} = {s.pick(_TASKS)}"))
    s.join([s, inner])
    for name in members:
        s.names.pop(name, None)
    first.append(Line(f"{own} = {start}"))
    if s.chance(30):
        body.insert(0, Line(f"{own} = {start}"))
    if not dropped:
        first.append(Line(f"{out} = []"))
        s.bind(out, REFS)
    if callee is not None and s.chance(40):
        first.append(Line(f"{callee} = {s.pick(_TASKS)}"))
    if s.chance(15):
        first.append(Line(f"held = {own}"))
    shown = [Line(f"print({own})")] if s.chance(50) else []
    return [*first, compound(f"for {target} in {iterable}:", body), *shown]
