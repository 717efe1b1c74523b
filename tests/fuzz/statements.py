"""The other statements of generated programs: gets, escapes, aliases, control flow and nested functions."""

from __future__ import annotations

from collections.abc import Callable

from tests.fuzz import changes, groups, pairs, shapes, trees
from tests.fuzz.beside import beside
from tests.fuzz.expressions import argument, condition, iteration, ref, refs, small, submission, value
from tests.fuzz.held import kept_on_object
from tests.fuzz.state import (
    ARRAY,
    BAG,
    DICT,
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

Writer = Callable[[State], list[Statement]]
_SHOWN = (SMALL, VALUE, VALUES, LIST, DICT, ARRAY, REF, REFS, GRID, HANDLE, HANDLES)


def get(s: State) -> list[Statement]:
    """`ray.get` in one of its forms."""
    listed, one, calls = s.some(REFS), s.some(REF), s.some(HANDLES)
    if listed is None and one is None:
        return groups.comprehension(s)
    if listed is None or (one is not None and s.chance(30)):
        assert one is not None
        if s.chance(20) and one not in s.kept:
            return [Line(f"{s.bind(one, VALUE)} = ray.get({one})")]
        if s.chance(40):
            return [Line(f"{s.new(VALUE)} = ray.get({one})")]
        return [Line(s.pick([f"print(total(ray.get({one})))", f"ray.get({one})", f"print(reach({one}))"]))]
    if s.chance(15) and listed not in s.kept:
        return [Line(f"{s.bind(listed, VALUES)} = ray.get({listed})")]
    if s.chance(35):
        text = s.pick([f"ray.get({listed})", f"[ray.get(r) for r in {listed}]", f"ray.get({refs(s)})"])
        return [Line(f"{s.new(VALUES)} = {'list(ray.get(list(' + listed + ')))' if 'tuple' in text else text}")]
    if calls is not None and s.chance(25):
        return [Line(f"print(total(ray.get([a.read.remote() for a in {calls}])))")]
    forms = [f"print(total(ray.get({listed})))"] * 3 + [f"ray.get({listed})"] * 2
    forms += [
        f"print([total(r) for r in ray.get({listed})])",
        f"print(reach({listed}))",
        f"print(sum(map(reach, {listed})))",
    ]
    if s.chance(20):
        text = f"for v in ray.get({listed}):"
        return [compound(text, [Line("print(total(v))")])]
    return [Line(s.pick(forms))]


def wait(s: State) -> list[Statement]:
    """`ray.wait` for all of a list; lists with one ref twice are not for it."""
    name = s.some(REFS)
    if name is None:
        return single_put(s)
    done, rest = s.name(REFS), s.fresh("rest")
    s.bind(done, REFS)
    if s.chance(70):
        text = f"ray.wait(list(dict.fromkeys({name})), num_returns=len(set({name})))"
    else:
        text = f"ray.wait({name}, num_returns=len({name})) if len(set({name})) == len({name}) > 0 else ([], [])"
    return [Line(f"{done}, {rest} = {text}"), Line(f"print(len({done}), len({rest}))")]


def single_put(s: State) -> list[Statement]:
    """`ray.put`."""
    return [groups.bound(s, REF, f"ray.put({value(s)})")]


def show(s: State) -> list[Statement]:
    """Prints what some names hold in the end."""
    names = [name for name, kind in s.names.items() if kind in _SHOWN and s.chance(40)]
    return [Line(f"show({', '.join(names)})")] if names else []


def alias(s: State) -> list[Statement]:
    """Refs under another name, in a container, on an object, in a closure."""
    name = s.some(REFS, REFS, HANDLES, REF, LIST, GRID)
    if name is None:
        return changes.assign_plain(s)
    kind = s.names[name]
    other = s.some(kind) or name
    form = s.weighted([(6, 0), (1, 3), (1, 4), (1, 5), (1, 7)] if s.calm else [(1, form) for form in range(9)])
    if form <= 2:
        return [Line(f"{s.new(kind)} = {name}")]
    if form == 3:
        first, second = s.name(kind), s.fresh("pairs")
        s.bind(first, kind)
        return [Line(f"{first}, {second} = {other}, {name}"), Line(f"print(len([{second}]))")]
    if form == 4:
        box = s.fresh("box")
        back = s.new(kind)
        store = s.pick([f"{box} = [{name}, {other}]", f"{box} = {{0: {name}}}", f"{box} = ({name}, 1)"])
        return [Line(store), Line(f"{back} = {box}[0]")]
    if form == 5:
        bag = s.fresh("bag")
        return [Line(f"{bag} = Bag()"), Line(f"{bag}.held = {name}"), Line(f"{s.new(kind)} = {bag}.held")]
    if form == 6:
        late = s.fresh("late")
        made = Line(
            s.pick(
                [f"{late} = lambda: {name}", f"{late} = lambda held={name}: held", f"{late} = iter([{name}]).__next__"]
            )
        )
        between = statement(s) if s.chance(40) else []
        return [made, *between, Line(f"{s.new(kind)} = {late}()")]
    if form == 7 and kind != REF:
        return [Line(f"{s.new(kind)} = {name}[:]")]
    again = s.fresh("again")
    if s.in_loop or name in s.kept:
        return [Line(f"{s.new(kind)} = ({again} := {name})")]
    inner = compound(f"def {again}():", [Line(f"return {s.pick([name, f'len({name})' if kind != REF else name])}")])
    return [inner, Line(f"show({again}())")]


def unpack(s: State) -> list[Statement]:
    """Several names at once, swaps, chained assignments, semicolons."""
    if s.chance(50):
        one, two = s.some(REFS), s.some(REFS)
        if one and two and one != two and one not in s.kept and two not in s.kept:
            return [Line(f"{one}, {two} = {two}, {one}")]
    first, second = s.fresh("p"), s.fresh("q")
    text = groups.listed(s)
    forms = [
        f"{first} = {second} = {text}",
        f"{first}, {second} = {text}, {groups.listed(s)}",
        f"{first} = {text}; {second} = {first}",
    ]
    forms += [f"{second} = []; {first} = {text}", f"({first}) = {second} = {text}"]
    line = s.pick(forms)
    s.bind(first, REFS)
    s.bind(second, REFS)
    return [Line(line)]


def remove(s: State) -> list[Statement]:
    """A name is deleted."""
    free = [name for name, kind in s.names.items() if name not in s.kept and kind in (REFS, LIST, REF, HANDLES)]
    if not free:
        return []
    name = s.pick(free)
    del s.names[name]
    return [Line(f"del {name}")]


def walrus(s: State) -> list[Statement]:
    """A group, or its size, bound inside of an expression."""
    name = s.fresh("bound")
    text = s.pick([f"print(len({name} := {groups.listed(s)}))", f"print(total(ray.get({name} := {groups.listed(s)})))"])
    s.bind(name, REFS)
    return [Line(text)]


def branch(s: State) -> list[Statement]:
    """`if`, with or without other branches."""
    test = condition(s)
    arms = [s.inner() for _ in range(1 + s.below(3))]
    bodies = [block(arm, 1, 3) for arm in arms]
    others: list[tuple[str, list[Statement]]] = []
    if len(arms) == 3:
        others.append((f"elif {condition(s)}:", bodies[1]))
    if len(arms) >= 2:
        others.append(("else:", bodies[-1]))
    s.join(arms if len(arms) >= 2 else [s.inner(), *arms])
    return [compound(f"if {test}:", bodies[0], *others)]


def loop(s: State) -> list[Statement]:
    """`for` and `while` over a few rounds, with `else`, `break` and `continue` now and then."""
    counter = s.fresh("c")
    inner = s.inner(in_loop=True, kept=s.kept | {counter})
    inner.bind(counter, SMALL)
    before: list[Statement] = []
    rounds = 1 + s.below(2) if s.chance(80) else 0
    if s.chance(65):
        header = f"for {counter} in range({rounds}):"
        if s.chance(25):
            target, iterable, members = iteration(s)
            inner = s.inner(in_loop=True)
            for name, kind in members.items():
                inner.bind(name, kind)
            header, counter = f"for {target} in {iterable}:", ""
        body = block(inner, 1, 3)
    else:
        header = s.pick([f"while {counter} < {rounds}:", f"while {counter} != {rounds}:", "while True:"])
        before = [Line(f"{counter} = 0")]
        body = [Line(f"{counter} += 1"), *block(inner, 1, 3)]
        if header == "while True:":
            body.insert(1, compound(f"if {counter} > {rounds}:", [Line("break")]))
    if s.chance(15):
        test = condition(inner) if not counter else f"{counter} == {s.below(3)}"
        body.insert(s.below(max(len(body), 1)) + 1, compound(f"if {test}:", [Line(s.pick(["break", "continue"]))]))
    s.join([s.inner(), inner])
    others = []
    if s.chance(10):
        last = s.inner()
        others = [("else:", block(last, 1, 2))]
        s.join([s.inner(), last])
    return [*before, compound(header, body, *others)]


def attempt(s: State) -> list[Statement]:
    """`try` in all its forms, with something that raises now and then."""
    inner = s.inner(in_try=True, risky=s.risky or s.chance(50))
    body = block(inner, 1, 3)
    if s.chance(35):
        fails = [
            "raise ValueError(1)",
            f"print(6 // ({small(inner)}))",
            "ray.get(boom.remote(1))",
            "raise KeyError('k')",
        ]
        one = s.some(REFS)
        fails += [f"raise ValueError({one})", f"assert not {one}, {one}"] if one else []
        body.insert(s.below(len(body) + 1), Line(s.pick(fails)))
    after = s.inner(risky=False)
    after.join([s.inner(), inner])
    kind = s.pick(["Exception", "Exception as error", "(ValueError, KeyError)", "ValueError", "ZeroDivisionError"])
    handler = [Line("print('caught', type(error).__name__)" if "as" in kind else "print('caught')")]
    handler += block(after, 0, 2)  # type: ignore[arg-type]
    clauses: list[tuple[str, list[Statement]]] = [(f"except {kind}:", list(handler))]
    if kind != "Exception" and s.chance(70):
        clauses.append(("except Exception:", [Line("print('caught in the end')")]))
    s.join([s.inner(), inner, after])
    if s.chance(20):
        good = s.inner()
        clauses.append(("else:", block(good, 1, 2)))
        s.join([s.inner(), good])
    if s.chance(25):
        last = s.inner(in_loop=False)
        clauses.append(("finally:", block(last, 1, 2)))
        if s.chance(30):
            del clauses[:-1]
    return [compound("try:", body, *clauses)]


def managed(s: State) -> list[Statement]:
    """`with`, also one that swallows exceptions."""
    header = s.pick(
        ["quiet()", "quiet(ValueError, ZeroDivisionError)", "contextlib.suppress(Exception)", "quiet(Exception) as n"]
    )
    inner = s.inner(in_try=True)
    if header.endswith("as n"):
        inner.bind("n", SMALL)
    body = block(inner, 1, 3)
    if "Exception" in header and s.chance(40):
        body.insert(s.below(len(body) + 1), Line(s.pick(["raise KeyError(2)", "6 // 0", "ray.get(boom.remote(1))"])))
    s.join([s.inner(), inner])
    return [compound(f"with {header}:", body)]


def matching(s: State) -> list[Statement]:
    """`match` over something."""
    subject = s.some(REFS, LIST, SMALL, REFS) or "[1, 2]"
    arms = [s.inner(), s.inner(), s.inner()]
    arms[0].bind("first", VALUE)
    if s.names.get(subject) == REFS:
        arms[0].bind("first", REF)
    cases = [("case [first, *others]:", block(arms[0], 1, 2)), ("case 1 | 2:", block(arms[1], 1, 2))]
    cases.append(("case _:", block(arms[2], 1, 2)))
    s.join(arms)
    nested: list[Statement] = [compound(header, body) for header, body in cases]
    return [compound(f"match {subject}:", nested)]


def leave(s: State) -> list[Statement]:
    """A condition under which the function returns early."""
    if not s.in_function:
        return []
    listed = s.some(REFS)
    result = s.pick(["", f" {small(s)}", f" {listed}" if listed else "", f" ray.get({listed})" if listed else ""])
    return [compound(f"if {condition(s)}:", [Line(f"return{result}")])]


def nested(s: State) -> list[Statement]:
    """A function of its own, which submits, and is called."""
    if s.depth >= 3:
        return groups.comprehension(s)
    name = s.fresh("step")
    # It may bind the names that it was given, and read the others while it binds them nowhere.
    params = [p for p in (s.some(REFS), s.some(SMALL), s.some(HANDLES)) if p is not None and s.chance(60)]
    params = list(dict.fromkeys(params))
    inner = s.inner(in_function=True, in_loop=False, kept=frozenset(s.names) - set(params))
    statements = block(inner, 1, 3)
    found = inner.some(REFS)
    head: list[Statement] = []
    if s.chance(12) and not any(p == found for p in params):
        shared = [n for n, kind in s.names.items() if kind in (REFS, SMALL) and n not in params and n not in s.kept]
        if shared and s.in_function:
            one = s.pick(shared)
            head = [Line(f"nonlocal {one}")]
            statements.append(Line(f"{one} = {groups.listed(inner) if s.names[one] == REFS else '2'}"))
    if found is not None and s.chance(75):
        statements.append(
            Line(f"return {found}" if s.chance(80) else f"return [{submission(inner, {'x': REF})} for x in {found}]")
        )
        kind = REFS
    elif s.chance(40):
        statements.append(Line(f"return {groups.listed(inner)}"))
        kind = REFS
    else:
        kind = ""
    yields = found is not None and kind == REFS and s.chance(12)
    if yields:
        statements.insert(0, Line("yield ray.put(1)"))
        statements.append(Line(f"yield from {found}"))
        statements = [line for line in statements if not (isinstance(line, Line) and line.text.startswith("return"))]
    signature = ", ".join([*params, *([f"held={inner_held}"] if (inner_held := s.some(REFS)) and s.chance(10) else [])])
    define = compound(f"def {name}({signature}):", head + statements)
    given = ", ".join(params)
    call = f"list({name}({given}))" if yields else f"{name}({given})"
    between = statement(s) if s.chance(25) and all(p in s.names for p in params) else []
    if any(p not in s.names for p in params):
        return [define]
    if kind == REFS:
        return [define, *between, Line(f"{s.name(BAG) if s.chance(10) else s.new(REFS)} = {call}")]
    return [define, *between, Line(s.pick([call, f"show({call})"]))]


def oddities(s: State) -> list[Statement]:
    """Rare forms, each of which ends a region or refuses a group in its own way."""
    inner = groups.listed(s)
    call = submission(s, {"i": SMALL})
    forms: list[list[Statement]] = [
        [Line("time.sleep(0)")], [Line("print('mark')")], [Line("import math")], [Line("assert True")], [Line("...")],
        [compound("class Held:", [Line(f"refs = {inner}")]), Line(f"{s.new(REFS)} = Held.refs")],
        [Line(f"for i in range(2): {call}")],
        [Line(f"if {condition(s)}: {submission(s)}")],
        [Line(f"x = 1; {s.new(SMALL)} = 2")],
        [compound("async def spawn():", [Line(f"return [{call} async for i in later(2)]")]),
         Line(f"{s.new(REFS)} = asyncio.run(spawn())")],
        [compound("async def waits():", [
            Line("await asyncio.sleep(0)"), Line(f"refs = [{call} for i in range(2)]"), Line("await asyncio.sleep(0)"),
            Line("return ray.get(refs)")]), Line(f"{s.new(VALUES)} = asyncio.run(waits())")],
        [Line(f"{s.new(VALUE)} = time.time() > 0")],
        [Line("ray.is_initialized()")],
        [Line("print(len(globals()) > 0)")],
        [Line("import rayinfer.inferred"), Line("rayinfer.inferred.evaluate()")],
        [Line(f"{s.new(REFS)} = (lambda: {inner})()")],
        [Line(f"{s.new(REF)} = add.remote(time.time() > 0)")],
        [Line("start = time.time()"), Line(f"{s.new(REFS)} = [add.remote(start > 0, i) for i in range(2)]")],
    ]  # fmt: skip
    return s.pick(forms)


STATEMENTS: list[tuple[int, Writer]] = [
    (26, groups.comprehension), (12, groups.append_loop), (8, groups.bare_loop), (14, groups.chain),
    (9, groups.single), (8, groups.make_actors), (14, groups.call_actors), (6, groups.single_actor),
    (3, groups.containers), (2, groups.slots), (2, groups.several_returns), (2, changes.alias_task),
    (12, changes.change), (10, changes.assign_plain), (6, groups.observe_list), (12, get), (3, wait), (3, single_put),
    (4, show), (9, alias), (3, unpack), (2, remove), (2, walrus), (2, leave), (3, oddities),
    (5, shapes.table), (4, shapes.two_lists), (4, shapes.dropped), (4, shapes.serial_gets), (4, shapes.chained_get),
    (4, shapes.given_callee), (3, shapes.runner), (5, pairs.paired), (5, pairs.bound_first), (5, pairs.picked),
    (6, beside), (5, kept_on_object), (4, trees.taken_apart), (4, trees.tree), (4, shapes.gets_together),
]  # fmt: skip
CALM: list[tuple[int, Writer]] = [
    (22, groups.comprehension), (10, groups.append_loop), (9, groups.bare_loop), (26, groups.chain),
    (9, groups.single), (8, groups.make_actors), (26, groups.call_actors), (4, groups.single_actor),
    (12, changes.change), (9, changes.assign_plain), (1, groups.observe_list), (4, get), (1, wait), (3, single_put),
    (1, show), (4, alias), (1, unpack), (1, remove), (1, leave), (8, shapes.table), (8, shapes.two_lists),
    (8, shapes.dropped), (3, shapes.serial_gets), (3, shapes.chained_get), (4, shapes.given_callee), (2, shapes.runner),
    (6, pairs.paired), (6, pairs.bound_first), (7, pairs.picked),
    (8, beside), (8, kept_on_object), (6, trees.taken_apart), (6, trees.tree), (4, shapes.gets_together),
]  # fmt: skip
COMPOUNDS: list[tuple[int, Writer]] = [
    (6, branch), (7, loop), (6, attempt), (3, managed), (1, matching), (4, nested),
]  # fmt: skip
CALM_COMPOUNDS: list[tuple[int, Writer]] = [(8, branch), (8, loop), (4, attempt), (1, managed)]


def statement(s: State) -> list[Statement]:
    """One statement, or a few that belong together."""
    if s.depth < 3 and s.chance((10 if s.calm else 16) if s.depth else (14 if s.calm else 22)):
        return s.weighted(CALM_COMPOUNDS if s.calm else COMPOUNDS)(s)
    return s.weighted(CALM if s.calm else STATEMENTS)(s)


def block(s: State, least: int, most: int) -> list[Statement]:
    """Some statements in a row."""
    found: list[Statement] = []
    for _ in range(least + s.below(most - least + 1)):
        found.extend(statement(s))
    return found


__all__ = ["argument", "block", "ref", "statement"]
