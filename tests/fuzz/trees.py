"""Single tasks that take one another: several results that are taken apart, and trees over what a function is given."""

from __future__ import annotations

from tests.fuzz.changes import change
from tests.fuzz.expressions import argument, condition, iteration, refs, submission
from tests.fuzz.state import REF, REFS, State
from tests.fuzz.syntax import Line, Statement, compound


def taken_apart(s: State) -> list[Statement]:
    """The results of one task by names of their own, which lists and other tasks take; in a loop or by themselves."""
    target, iterable, members = iteration(s)
    inner = s.inner(in_loop=True)
    for name, kind in members.items():
        inner.bind(name, kind)
    firsts, seconds = s.fresh("firsts"), s.fresh("seconds")
    alone = s.chance(25)
    if alone:
        inner, members = s, {}
    body: list[Statement] = [Line(f"{_target(inner)} = {_call(inner, members)}")]
    taken = {**members, "a": REF, "b": REF}
    if s.chance(15):
        body.append(Line(f"a, b = {_call(inner, taken)}"))
    if s.chance(25):
        body.append(Line(f"row = two.remote({argument(inner, taken)})"))
        body.append(Line(s.pick([f"{firsts}.append(row)", f"{seconds}.extend(row)", f"{seconds}.append(row[0])"])))
    for out in (firsts, seconds, s.pick([firsts, seconds])):
        item = s.pick(["a", "b", "add.remote(a, b)", submission(inner, taken)])
        line: Statement = Line(f"{out}.append({item})")
        body.append(compound(f"if {condition(inner, members)}:", [line]) if s.chance(10) else line)
    if s.chance(10):
        body[1 + s.below(len(body)) : 0] = change(inner)
    if s.chance(8):
        body.insert(1 + s.below(len(body)), Line("print(type(a).__name__)"))
    if s.risky and not alone and s.chance(15):
        body.insert(s.below(len(body) + 1), compound(f"if len({firsts}) > 1:", [Line(s.pick(["break", "continue"]))]))
    for gone in (*members, "a", "b", "row"):
        s.names.pop(gone, None)
    start: list[Statement] = [Line(f"{firsts} = []"), Line(f"{seconds} = []")]
    if s.chance(40):
        start = [Line(f"{firsts}, {seconds} = [], []")]
    loop: list[Statement] = body if alone else [compound(f"for {target} in {iterable}:", body)]
    return [*start, *loop, Line(f"print(reach({firsts}), reach({seconds}))")]


def _target(s: State) -> str:
    return s.weighted([(12, "a, b"), (2, "[a, b]"), (1, "(a, b)"), (1, "a, *b" if s.risky else "b, a")])


def _call(s: State, members: dict[str, str]) -> str:
    given = argument(s, members)
    options = [(10, f"two.remote({given})"), (4, f"two.options(num_returns=2).remote({given})")]
    if s.risky:
        wrong = s.pick(["1", "3", "0"])
        options.append((1, f"two.options(num_returns={wrong}).remote({given})"))
    return s.weighted(options)


def tree(s: State) -> list[Statement]:
    """A function that adds up what it is given, by a queue, level by level or along a chain."""
    name, out = s.fresh("tree"), s.name(REFS)
    held = refs(s)
    items = s.pick(
        [str(held) if held is not None and s.chance(60) else "[1, 2, 3]", "[4, 5]", "[6]", "[1, 2, 3, 4, 5]"]
    )
    wraps = ["{}", "{}", "list({})", "collections.UserList({})"]
    combine = s.pick(["add.remote(values[0], values[1])", "f.remote(values[0], values[1])", "f.remote(values[0], k)"])
    queue = s.pick([f"values = values[2:] + [{combine}]", f"values = [{combine}] + values[2:]"])
    body: list[Statement] = [Line(queue)]
    if s.chance(20):
        body = [Line("low, high = two.remote(values[0])"), Line("values = values[2:] + [add.remote(low, high)]")]
    elif s.chance(20):
        body = [Line("rest = values[2:]"), Line(f"values = rest + [{combine}]")]
    elif s.chance(30):
        wraps.append("tuple({})")
        pairs = compound("for i in range(0, len(values) - 1, 2):", [
            Line("above.append(add.remote(values[i], values[i + 1]))"),
        ])  # fmt: skip
        last = compound("if len(values) % 2:", [Line("above.append(values[-1])")])
        body = [Line("above = []"), pairs, last, Line("values = above")]
    elif s.chance(15):
        body = [Line("values.append(add.remote(values.pop(0), values.pop(0)))")]
    if s.chance(10):
        body.insert(0, Line("k = k + 1"))
    if s.chance(8):
        body.append(Line("print(len(values))"))
    before = [Line("same = values")] if s.chance(25) else []
    loop = compound("while len(values) > 1:", body)
    end = [Line(s.pick(["return list(values)", "return list(values)", "return [values[0]]"]))]
    if before:
        end.insert(0, Line("print(len(same), [type(one).__name__ == 'ObjectRef' for one in same])"))
    define = compound(f"def {name}(values, k):", [*before, loop, *end])
    s.names.pop(out, None)
    s.bind(out, REFS)
    given = s.pick(wraps).format(items)
    start = Line(f"{out} = [one for one in {name}({given}, 1) if isinstance(one, ray.ObjectRef)]")
    return [define, Line(f"print(reach({name}({given}, 2)))"), start]
