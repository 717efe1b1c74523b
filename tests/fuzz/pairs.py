"""Refs that stand beside other things: in pairs, as keys, bound to a name first; and actors that are picked."""

from __future__ import annotations

from tests.fuzz.changes import change
from tests.fuzz.expressions import condition, iteration, method_call, small, submission
from tests.fuzz.state import HANDLE, HANDLES, REF, REFS, State
from tests.fuzz.syntax import Line, Statement, compound

# A display around `R`, the ref, with `K` beside it; and how the refs are had back from what is made of it.
_ROWS = (
    ("(K, R)", "[row[1] for row in {}]"),
    ("(R, K)", "[row[0] for row in {}]"),
    ("[K, R, K]", "[row[1] for row in {}]"),
    ('{"k": K, "ref": R}', '[row["ref"] for row in {}]'),
    ("(R,)", "[row[0] for row in {}]"),
)


def paired(s: State) -> list[Statement]:
    """A list of pairs, or a dict whose keys are refs, by comprehension or by a loop."""
    target, iterable, members = iteration(s)
    inner = s.inner(in_loop=True)
    for name, kind in members.items():
        inner.bind(name, kind)
    beside = s.pick([*members, small(inner), f"({small(inner)}, 1)", "len('ab')" if s.chance(20) else "'k'"])
    handles = s.some(HANDLES)
    call = _call(inner, members, handles)
    name = s.fresh("rows")
    by_ref = s.chance(30)
    row, back = ("", "list({})") if by_ref else s.pick(_ROWS)
    test = f" if {condition(inner, members)}" if s.chance(12) else ""
    done: list[Statement]
    if s.chance(45):
        made = f"{{{call}: {beside}" if by_ref else f"[{row.replace('K', beside, 2).replace('R', call)}"
        done = [Line(f"{name} = {made} for {target} in {iterable}{test}{'}' if by_ref else ']'}")]
    else:
        body: list[Statement] = []
        if s.chance(45):
            body, call = [Line(f"ref = {call}")], "ref"
            if s.chance(10):
                body.extend(change(inner))
        if by_ref:
            body.append(Line(f"{name}[{call}] = {beside}"))
        else:
            body.append(Line(f"{name}.append({row.replace('K', beside, 2).replace('R', call)})"))
        if test:
            body = [compound(f"{test.strip()}:", body)]
        if s.chance(15):
            body.insert(s.below(len(body) + 1) if test else 0, Line(submission(inner, members)))
        done = [Line(f"{name} = {'{}' if by_ref else '[]'}"), compound(f"for {target} in {iterable}:", body)]
    for gone in (*members, "ref"):
        s.names.pop(gone, None)
    shown = [Line(f"print(len({name}))")] if s.chance(30) else []
    return [*done, *shown, Line(f"{s.new(REFS)} = {back.replace('{}', name)}")]


def bound_first(s: State) -> list[Statement]:
    """A loop that binds a ref to a name and puts it into a list or a dict in the next statement."""
    target, iterable, members = iteration(s)
    inner = s.inner(in_loop=True)
    for name, kind in members.items():
        inner.bind(name, kind)
    out, ref = s.fresh("us"), s.pick(["ref", "d", "one"])
    if ref in members:
        ref = "ref"
    into_dict = s.chance(30)
    body: list[Statement] = [Line(f"{ref} = {_call(inner, members, s.some(HANDLES))}")]
    inner.bind(ref, REF)
    if s.chance(8):
        body.append(Line(submission(inner, {})))
    body.append(Line(f"{out}[len({out})] = {ref}" if into_dict else f"{out}.append({ref})"))
    if s.chance(12):
        body.append(Line(submission(inner, {**members, ref: REF}) if s.chance(60) else f"{out} == {ref}"))
    if s.chance(12):
        body.extend(change(inner))
    s.join([s, inner])
    for gone in (*members, ref):
        s.names.pop(gone, None)
    start = Line(f"{out} = {'{}' if into_dict else '[]'}")
    done: list[Statement] = [start, compound(f"for {target} in {iterable}:", body)]
    if into_dict:
        return [*done, Line(f"{s.new(REFS)} = list({out}.values())")]
    s.bind(out, REFS)
    return done


def picked(s: State) -> list[Statement]:
    """Calls on actors that an index picks, or on one actor again and again: kept or dropped, and it may raise."""
    handles, one = s.some(HANDLES), s.some(HANDLE)
    if handles is None and one is None:
        return paired(s)
    inner = s.inner(in_loop=True)
    inner.bind("i", "small")
    members = {"i": "small"}
    if handles is None or (one is not None and s.chance(40)):
        receiver = str(one)
    else:
        receiver = f"{handles}[{s.pick([f'i % len({handles})', '0', '-1', 'i' if s.risky else '0'])}]"
    call = method_call(inner, receiver, members)
    header = f"for i in range({s.below(4)})"
    s.names.pop("i", None)
    if s.chance(40):
        return [Line(f"{s.new(REFS)} = [{call} {header}]")]
    if s.chance(30):
        return [compound(f"{header}:", [Line(call), *(change(inner) if s.chance(25) else [])])]
    out = s.fresh("us")
    body: list[Statement] = [Line(f"{out}.append({call})")]
    if s.chance(25):
        body.append(Line(method_call(inner, receiver, members)))
    s.bind(out, REFS)
    return [Line(f"{out} = []"), compound(f"{header}:", body)]


def _call(s: State, members: dict[str, str], handles: str | None) -> str:
    if handles is not None and s.chance(25):
        return method_call(s, f"{handles}[{s.pick(['0', '-1'])}]", members)
    return submission(s, members)
