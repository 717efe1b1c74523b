"""Generated loops that put their refs into a list or dict on an object, which others may hold or look at."""

from __future__ import annotations

from tests.fuzz.expressions import condition, iteration, small, submission
from tests.fuzz.state import REFS, SMALL, State
from tests.fuzz.syntax import Line, Statement, compound


def kept_on_object(s: State) -> list[Statement]:
    """A list or dict on an object takes in the refs of a loop; it may be seen, or left behind by an exception."""
    bag, out = s.fresh("bag"), s.fresh("us")
    target, iterable, members = iteration(s)
    inner = s.inner(in_loop=True)
    for name, kind in members.items():
        inner.bind(name, kind)
    body: list[Statement] = [Line(_stored(inner, bag, out, members))]
    if s.chance(20):
        body.insert(0, Line(f"w = 6 // {small(inner)}"))
    if s.chance(20):
        body = [compound(f"if {condition(inner, members)}:", body)]
    s.join([s, inner])
    for name in (*members, "w"):
        s.names.pop(name, None)
    refs = s.pick(["[]", "[]", "[]", "collections.deque()", "[f.remote(1)]"])
    table = s.pick(["{}", "{}", "{}", "collections.defaultdict(int)"])
    held = s.pick(["None", "None", f"{bag}.refs", f"{bag}.table", f"iter({bag}.refs)"])
    loop: list[Statement] = [compound(f"for {target} in {iterable}:", body)]
    there = f"[r[-1] if isinstance(r, tuple) else r for r in {bag}.refs]"
    if s.chance(30):
        look = Line(f"print(type(error).__name__, len({bag}.refs), len({bag}.table), total(ray.get({there})))")
        loop = [compound("try:", loop, ("except Exception as error:", [look]))]
    both = f"{there} + [r for r in (*{bag}.table, *{bag}.table.values()) if not isinstance(r, (int, str))]"
    end = [Line(f"print(len({bag}.refs), len({bag}.table))"), Line(f"{out} = {both}")]
    s.bind(out, REFS)
    start = [Line(f"{bag} = Bag()"), Line(f"{bag}.refs, {bag}.table = {refs}, {table}"), Line(f"{out} = {held}")]
    return [*start, *loop, *loop[: s.below(2)], *end]


def _stored(s: State, bag: str, out: str, members: dict[str, str]) -> str:
    """The statement that puts a ref into the list or dict, at times with an argument that shows these."""
    call = submission(s, members)
    seen = s.pick(
        ["", "", f"len({bag}.refs)", f"len({out} or ())", f"{bag}.table", f"[{out}]", f"len(list({out} or ()))"]
    )
    if seen and s.chance(60):
        call = call.replace("remote(", f"remote({seen}, ", 1)
    key = next((name for name, kind in members.items() if kind == SMALL), None)
    stores = [f"{bag}.refs.append({call})", f"{bag}.refs.append(({small(s)}, {call}))", f"{bag}.table[{call}] = 1"]
    return s.pick([*stores, *([f"{bag}.table[{key}] = {call}"] * 3 if key is not None else [])])
