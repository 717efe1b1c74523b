"""Statements that submit: groups in every form, single calls, actors and calls on them."""

from __future__ import annotations

from collections.abc import Callable

from tests.fuzz.changes import assign_plain, change
from tests.fuzz.expressions import (
    Members,
    argument,
    condition,
    iteration,
    loop_name,
    method_call,
    new_actor,
    refs,
    small,
    small_bound,
    submission,
)  # fmt: skip
from tests.fuzz.state import (
    BAG,
    GRID,
    HANDLE,
    HANDLES,
    LIST,
    REF,
    REFS,
    SMALL,
    VALUE,
    VALUES,
    State,
)  # fmt: skip
from tests.fuzz.syntax import Line, Statement, compound


def bound(s: State, kind: str, text: str) -> Line:
    """The assignment of something to a name, which is bound only now."""
    return Line(f"{s.new(kind)} = {text}")


def comprehension(s: State) -> list[Statement]:
    """A group by comprehension, given to a name, got at once, or inside of another expression."""
    text = listed(s)
    if s.chance(8 if s.calm else 20):
        return _inside(s, text)
    target = s.name(REFS)
    hint = ": list" if s.chance(4) and target not in s.kept else ""
    s.bind(target, REFS)
    return [Line(f"{target}{hint} = {text}")]


def listed(s: State) -> str:
    """A list comprehension that submits."""
    target, iterable, members = iteration(s)
    if REFS in members.values() and s.chance(70):
        row = next(name for name, kind in members.items() if kind == REFS)
        inner = {**members, "r": REF}
        return f"[{submission(s, inner)} for {target} in {iterable} for r in {row}]"
    clauses = f"for {target} in {iterable}"
    if s.chance(15):
        clauses += f" if {condition(s, members)}"
    if s.chance(8):
        more, again, found = iteration(s)
        clauses += f" for {more} in {again}"
        members = {**members, **found}
        if s.chance(30):
            clauses += f" if {condition(s, members)}"
    call = submission(s, members)
    if s.chance(6):
        plain = s.weighted([(4, "ray.put(3)"), (1, submission(s, members))])
        chosen = [call, plain] if s.chance(60) else [plain, call]
        call = f"{chosen[0]} if {condition(s, members)} else {chosen[1]}"
    if s.chance(6):
        return f"[\n    {call}  # one each\n    {clauses}\n]"
    if target.isidentifier() and clauses == f"for {target} in {iterable}" and s.chance(8):
        over = f"map(lambda {target}: {call}, {iterable})"
        return f"list({over})" if s.chance(60) else f"[*{over}]"
    return f"[{call} {clauses}]"


def _inside(s: State, text: str) -> list[Statement]:
    """A comprehension inside of another expression; what kind of name it gives, if it gives one that is followed."""
    other = refs(s) or "[]"
    kind, form = s.weighted([
        (8, (VALUES, "ray.get({})")), (2, (REFS, f"{{}} + {other}")), (1, (REFS, "list(reversed({}))")),
        (1, (VALUE, "sum(map(total, ray.get({})))")), (1, (VALUE, "[total(ray.get(r)) for r in {}]")),
        (1, (SMALL, "len({})")), (1, (REFS, f"{{}} if {condition(s)} else {other}")), (1, ("", "tuple({})")),
        (1, ("", f"{other} and {{}}")), (3, (None, "print(total(ray.get({})))")), (2, (None, "ray.get({})")),
        (1, (None, "show({})")), (2, (None, "{}")), (1, (REFS, "({})")),
    ])  # fmt: skip
    line = form.replace("{}", text)
    if kind is None:
        return [Line(line)]
    name = s.name(kind or VALUE)
    s.names.pop(name, None)
    if kind:
        s.bind(name, kind)
    return [Line(f"{name} = {line}")]


def append_loop(s: State) -> list[Statement]:
    """A group by append loop, with other things in the loop now and then."""
    there = s.some(REFS) if s.chance(15) else None
    name = there or s.name(REFS)
    begin = [(30, " = []"), (1, " = []; pass"), (1, ": list = []"), (1, " = list()"), (3, " = [f.remote(1)]")]
    start = [Line(name + s.weighted(begin))] if there is None else []
    inner = s.inner(in_loop=True)
    over_refs = inner.names.pop(name, None) == REFS and s.chance(10)
    if over_refs:
        inner.names[name] = REFS
    target, iterable, members = iteration(inner)
    body: list[Statement] = []
    for other, kind in members.items():
        inner.bind(other, kind)
    if s.chance(15):
        body.append(bound(inner, SMALL, small(inner)))
    append: Statement = Line(f"{name}.append({submission(inner, members)})")
    if s.chance(12):
        append = compound(f"if {condition(inner, members)}:", [append])
    elif s.chance(6):
        again, over, found = iteration(inner)
        call = Line(f"{name}.append({submission(inner, {**members, **found})})")
        append = compound(f"for {again} in {over}:", [call])
    body.append(append)
    if s.chance(20):
        extra = s.weighted([(3, change), (2, bare_loop), (2, single), (1, observe_list), (1, second_append)])
        inner.names[name] = REFS
        at = s.below(len(body) + 1)
        body[at:at] = extra(inner)
    if s.risky and s.chance(8):
        body.append(compound(f"if {condition(inner, members)}:", [Line(s.pick(["break", "continue"]))]))
    between: list[Statement] = []
    if s.chance(15):
        between = s.pick([change, single, assign_plain, lambda _: [Line("print('between')")]])(s)
    loop: Statement = compound(f"for {target} in {iterable}:", body)
    if s.chance(6):
        loop = Line(f"[{name}.append({submission(inner, members)}) for {target} in {iterable}]")
    s.join([s, inner])
    s.bind(name, REFS)
    for other, kind in members.items():
        if other in s.names:
            s.names.pop(other)
        if s.risky and s.chance(10):
            s.names[other] = kind
    return [*start, *between, loop]


def second_append(s: State) -> list[Statement]:
    """One more append to some list of refs."""
    name = s.some(REFS)
    return [Line(f"{name}.append({submission(s)})")] if name else []


def observe_list(s: State) -> list[Statement]:
    """Something that sees a list of refs as it is."""
    name = s.some(REFS)
    if name is None:
        return []
    other = s.some(REFS) or name
    forms = [f"print(len({name}))", f"print(isinstance({name}, list), {name} == {other})", f"print({name} is {other})"]
    forms += [f"print(all(isinstance(r, ray.ObjectRef) for r in {name}))", f"print(len({name}) == len({other}))"]
    forms += [f"assert {name} is not None", f"print([r in {other} for r in {name}])", f"print(bool({name}))"]
    forms += [f"print(len(set({name})))", f"print(f'{{len({name})}}')", f"{name}", f"print(type({name}).__name__)"]
    return [Line(s.pick(forms))]


def bare_loop(s: State) -> list[Statement]:
    """A loop of calls whose results are dropped."""
    handles = s.some(HANDLES)
    if handles is not None and s.chance(60):
        return [call_all(s, handles, bare=True)]
    target, iterable, members = iteration(s)
    inner = s.inner()
    for name, kind in members.items():
        inner.bind(name, kind)
    loop = compound(f"for {target} in {iterable}:", [Line(submission(inner, members))])
    for name, kind in members.items():
        s.names.pop(name, None)
        if s.chance(12 if s.risky else 6):
            s.bind(name, kind)
    return [loop]


def call_all(s: State, handles: str, bare: bool) -> Statement:
    """A method called on every actor of a list; with `bare`, its results are dropped."""
    a, extra = loop_name(s, "a"), loop_name(s, "x")
    members: Members = {}
    forms = [(12, (a, handles, members))]
    if a != extra:
        listed, plain = s.some(REFS), s.some(LIST)
        if listed is not None:
            forms += [(3, (f"{a}, {extra}", f"zip({handles}, {listed})", {extra: REF}))]
        if plain is not None:
            forms += [(2, (f"{a}, {extra}", f"zip({handles}, {plain})", {extra: SMALL}))]
            forms += [(1, (f"{extra}, {a}", f"zip({plain}, {handles})", {extra: SMALL}))]
        forms += [(2, (f"{extra}, {a}", f"enumerate({handles})", {extra: SMALL}))]
    forms += [(1, (a, f"{handles}[:1]", members)), (1, (a, f"reversed({handles})", members))]
    target, iterable, members = s.weighted(forms)
    inner = s.inner()
    inner.bind(a, HANDLE)
    for name, kind in members.items():
        inner.bind(name, kind)
    call = method_call(inner, a, members)
    if bare:
        for name in (a, extra):
            s.names.pop(name, None)
        body: list[Statement] = [Line(call)]
        if s.chance(10):
            body = [compound(f"if {condition(inner, members)}:", body)]
        elif s.chance(8):
            body = [compound(f"for {target} in {iterable}:", body)]
        return compound(f"for {target} in {iterable}:", body)
    test = f" if {condition(inner, members)}" if s.chance(6) else ""
    name = s.name(REFS)
    if s.chance(15):
        s.bind(name, VALUES)
        return Line(f"{name} = ray.get([{call} for {target} in {iterable}{test}])")
    s.bind(name, REFS)
    return Line(f"{name} = [{call} for {target} in {iterable}{test}]")


def call_actors(s: State) -> list[Statement]:
    """A method called on every actor of a list."""
    handles = s.some(HANDLES)
    if handles is None:
        return make_actors(s)
    if s.chance(10):
        name = s.name(REFS)
        if name == handles:
            return []
        inner = s.inner()
        inner.bind("a", HANDLE)
        call = method_call(inner, "a")
        s.bind(name, REFS)
        return [Line(f"{name} = []"), compound(f"for a in {handles}:", [Line(f"{name}.append({call})")])]
    return [call_all(s, handles, bare=s.chance(40))]


def make_actors(s: State) -> list[Statement]:
    """A list of actors."""
    width = str(1 + s.below(2 if s.cluster else 3)) if s.chance(70) or s.cluster else f"{small_bound(s)} % 4"
    index = loop_name(s, "i")
    members = {index: SMALL}
    call = new_actor(s, members)
    name = s.name(HANDLES)
    if s.chance(20) and name != index:
        for gone in (index, name):
            s.names.pop(gone, None)
        s.bind(name, HANDLES)
        return [Line(f"{name} = []"), compound(f"for {index} in range({width}):", [Line(f"{name}.append({call})")])]
    s.bind(name, HANDLES)
    if s.chance(10):
        return [Line(f"{name} = [{new_actor(s)}, {new_actor(s)}]")]
    return [Line(f"{name} = [{call} for {index} in range({width})]")]


def single_actor(s: State) -> list[Statement]:
    """One actor, or a call on one."""
    handle, handles = s.some(HANDLE), s.some(HANDLES)
    if handle is None or s.chance(15):
        if handles is not None and s.chance(40):
            source = f"{handles}[0]"
            return [Line(f"{s.new(HANDLE)} = {source}")]
        call = new_actor(s)
        return [Line(f"{s.new(HANDLE)} = {call}")]
    if s.chance(30):
        target, iterable, members = iteration(s, 20)
        if handle in members:
            return []
        return [bound(s, REFS, f"[{method_call(s, handle, members)} for {target} in {iterable}]")]
    call = method_call(s, handle)
    return [Line(call if s.chance(50) else f"{s.new(REF)} = {call}")]


def single(s: State) -> list[Statement]:
    """One task."""
    call = submission(s)
    if s.chance(15):
        return [Line(s.pick([call, f"ray.get({call})", f"print(total(ray.get({call})))", f"show({call})"]))]
    if s.chance(10):
        return [Line(f"{s.new(VALUE)} = ray.get({call})")]
    if s.chance(8):
        inside = f"add.remote({call})"
        return [Line(f"{s.new(REF)} = {inside}")]
    return [Line(f"{s.new(REF)} = {call}")]


def several_returns(s: State) -> list[Statement]:
    """Tasks that give more than one ref."""
    given = argument(s, {})
    kind, text = s.pick([
        (REFS, f"two.remote({given})"), (BAG, f"[two.remote(i) for i in range({small_bound(s)} % 4)]"),
        (VALUES, f"[reach(r) for r in stream.remote({given})]"), (REF, f"add.options(num_returns=1).remote({given})"),
        (REFS, f"[f.options(num_returns={s.pick(['1', '2 - 1'])}).remote(i) for i in range(2)]"),
    ])  # fmt: skip
    name = s.name(kind)
    s.names.pop(name, None)
    if kind != BAG:
        s.bind(name, kind)
    return [Line(f"{name} = {text}")]


def chain(s: State) -> list[Statement]:
    """One-to-one steps over a list of refs, once or carried by a loop."""
    name = s.some(REFS)
    if name is None or name in s.kept:
        return comprehension(s)
    x = loop_name(s, "x")
    call = submission(s, {x: REF})
    if not s.chance(45):
        target = name if s.chance(60) else s.name(REFS)
        s.bind(target, REFS)
        step = Line(f"{target} = [{call} for {x} in {name}]")
        return [step, *(chain(s) if s.chance(40) else [])]
    counter = s.fresh("r")
    inner = s.inner(in_loop=True, kept=s.kept | {counter})
    inner.bind(counter, SMALL)
    call = submission(inner, {x: REF})
    body: list[Statement] = [Line(f"{name} = [{call} for {x} in {name}]")]
    if s.chance(30):
        extra = s.pick([single, change, observe_list, bare_loop, comprehension, call_actors])
        body[s.below(2) :] = [*body, *extra(inner)] if s.chance(50) else [*extra(inner), *body]
    s.join([s, inner])
    s.bind(name, REFS)
    return [compound(f"for {counter} in range({1 + s.below(2)}):", body)]


def containers(s: State) -> list[Statement]:
    """Groups by other means: grids, dicts, generator expressions, maps, lambdas and displays."""
    target, iterable, members = iteration(s)
    loop = f"for {target} in {iterable}"
    kind, write = s.weighted(_CONTAINERS)
    text = write(s, members, loop)
    name = s.name(kind)
    s.names.pop(name, None)
    if kind != BAG:
        s.bind(name, kind)
    return [Line(f"{name} = {text}")]


_CONTAINERS: list[tuple[int, tuple[str, Callable[[State, Members, str], str]]]] = [
    (6, (GRID, lambda s, m, loop: f"[[{submission(s, m)} {loop}] for {loop_name(s, 'row')} in range(2)]")),
    (2, (REFS, lambda s, m, loop: f"list({submission(s, m)} {loop})")),
    (1, (REFS, lambda s, m, loop: f"[*({submission(s, m)} {loop})]")),
    (2, (REFS, lambda s, m, loop: f"list({{n: {submission(s)} for n in range(2)}}.values())")),
    (1, (REFS, lambda s, m, loop: "list(map(f.remote, range(2)))")),
    (1, (REFS, lambda s, m, loop: f"list(map(lambda one: {submission(s, {'one': VALUE})}, range(2)))")),
    (2, (REFS, lambda s, m, loop: f"[{submission(s)}, {submission(s)}]")),
    (1, (REFS, lambda s, m, loop: f"[{submission(s)}] * 2")),
    (1, (REFS, lambda s, m, loop: f"[{submission(s)} if {condition(s, m)} else {submission(s, m)} {loop}]")),
    (1, (REFS, lambda s, m, loop: f"[add.remote({submission(s, m)}) {loop}]")),
    (1, (REFS, lambda s, m, loop: f"[(last := {submission(s, m)}) {loop}]")),
    (1, (BAG, lambda s, m, loop: f"[({submission(s, m)}, 1) {loop}]")),
    (1, (BAG, lambda s, m, loop: f"{{'xs': [{submission(s, m)} {loop}]}}")),
]


def slots(s: State) -> list[Statement]:
    """A loop that fills the slots of a list or dict."""
    name = s.name(REFS)
    call = submission(s, {"i": SMALL})
    s.names.pop(name, None)
    if s.chance(50):
        s.bind(name, REFS)
        return [Line(f"{name} = [None] * 2"), compound("for i in range(2):", [Line(f"{name}[i] = {call}")])]
    lines: list[Statement] = [Line(f"{name} = {{}}"), compound("for i in range(2):", [Line(f"{name}[i] = {call}")])]
    other = s.new(REFS)
    return [*lines, Line(f"{other} = list({name}.values())")]
