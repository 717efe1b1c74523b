"""Further forms of real programs: dicts of refs, several lists, dropped calls, serial gets, callees that are given."""

from __future__ import annotations

from tests.fuzz.changes import change
from tests.fuzz.expressions import argument, condition, iteration, method_call, small, submission, value
from tests.fuzz.state import BAG, HANDLE, HANDLES, REF, REFS, SMALL, TABLE, TASK, VALUES, State
from tests.fuzz.syntax import Line, Statement, compound


def table(s: State) -> list[Statement]:
    """A dict or set of refs, made at once or slot by slot, and what is done with one that is there."""
    held = s.some(TABLE)
    if held is not None and s.chance(60):
        forms = [
            [Line(f"print(total(ray.get(list({held}.values()))))")],
            [Line(f"{s.name(REFS)} = list({held}.values())")],
            [Line(f"print(sorted({held}), len({held}))")],
            [Line(f"{held}[{small(s)}] = {submission(s)}")],
            [compound(f"for key, r in {held}.items():", [Line("print(key, reach(r))")])],
            [compound(f"for key in {held}:", [Line(submission(s, {"key": SMALL}))])],
            [Line(f"got = {{key: ray.get(r) for key, r in {held}.items()}}")],
            [Line(f"show({held})")],
            [Line(f"{held} = {{key: {submission(s, {'r': REF})} for key, r in {held}.items()}}")],
        ]
        chosen = s.pick(forms[: 8 if held in s.kept else 9])
        first = chosen[0]
        if isinstance(first, Line) and first.text.endswith(".values())") and " = list" in first.text:
            s.bind(first.text.partition(" = ")[0], REFS)
        elif isinstance(first, Line) and first.text.startswith("got = "):
            s.names.pop("got", None)
        return list(chosen)
    target, iterable, members = iteration(s)
    key = next((name for name, kind in members.items() if kind == SMALL), None)
    if key is None:
        return [Line(f"print(len({{{submission(s, members)} for {target} in {iterable}}}))")]
    call = submission(s, members)
    name = s.name(TABLE)
    s.names.pop(name, None)
    if s.chance(50):
        test = f" if {condition(s, members)}" if s.chance(15) else ""
        s.bind(name, TABLE)
        return [Line(f"{name} = {{{key}: {call} for {target} in {iterable}{test}}}")]
    for gone in members:
        s.names.pop(gone, None)
    if name in members:
        return []
    s.bind(name, TABLE)
    body: list[Statement] = [Line(f"{name}[{key}] = {call}")]
    if s.chance(20):
        body = [compound(f"if {condition(s, members)}:", body)]
    return [Line(f"{name} = {{}}"), compound(f"for {target} in {iterable}:", body)]


def two_lists(s: State) -> list[Statement]:
    """A loop that fills two lists, or one list twice; also with a call whose result is dropped."""
    first, second = s.fresh("us"), s.fresh("vs")
    target, iterable, members = iteration(s)
    inner = s.inner(in_loop=True)
    for name, kind in members.items():
        inner.bind(name, kind)
    body: list[Statement] = [Line(f"{first}.append({submission(inner, members)})")]
    if s.chance(40):
        inner.bind("r", REF)
        body = [Line(f"r = {submission(inner, members)}"), Line(f"{first}.append(r)")]
        members = {**members, "r": REF}
    body.append(Line(f"{s.pick([first, second, second])}.append({submission(inner, members)})"))
    if s.chance(30):
        body.insert(s.below(len(body) + 1), Line(submission(inner, {})))
    if s.chance(20):
        body[s.below(len(body) + 1) : 0] = change(inner)
    s.join([s, inner])
    for name in members:
        s.names.pop(name, None)
    start: list[Statement] = [Line(f"{first} = []"), Line(f"{second} = []")]
    if s.chance(15):
        start = [Line(f"{first}, {second} = [], []")]
    s.bind(first, REFS)
    s.bind(second, REFS)
    return [*start, compound(f"for {target} in {iterable}:", body)]


def dropped(s: State) -> list[Statement]:
    """A loop of several calls whose results are dropped, with other statements among them."""
    target, iterable, members = iteration(s)
    inner = s.inner(in_loop=True)
    for name, kind in members.items():
        inner.bind(name, kind)
    body: list[Statement] = []
    handle = s.some(HANDLE)
    for _ in range(1 + s.below(3)):
        if s.chance(25):
            body.append(Line(f"{inner.bind('w', 'value')} = {value(s, members)}"))
        elif s.chance(15):
            body.extend(change(inner))
        elif handle is not None and handle not in members and s.chance(40):
            body.append(Line(method_call(inner, handle, members)))
        else:
            call: Statement = Line(submission(inner, members))
            body.append(compound(f"if {condition(inner, members)}:", [call]) if s.chance(20) else call)
    s.join([s, inner])
    for name in (*members, "w"):
        s.names.pop(name, None)
    return [compound(f"for {target} in {iterable}:", body)]


def serial_gets(s: State) -> list[Statement]:
    """`ray.get` of one task after the other, the results kept or not."""
    target, iterable, members = iteration(s, 25)
    inner = s.inner(in_loop=True)
    for name, kind in members.items():
        inner.bind(name, kind)
    out = s.fresh("out")
    call = submission(inner, members)
    if s.chance(25):
        s.bind(out, VALUES)
        return [Line(f"{out} = [ray.get({call}) for {target} in {iterable}]")]
    body: list[Statement] = [Line(f"{out}.append(ray.get({call}))")]
    if s.chance(40):
        body = [
            Line(f"w = ray.get({call})"),
            Line(s.pick([f"{out}.append(w)", f"{out}.append((w, 1))", "print(total(w))"])),
        ]
    if s.chance(30):
        body = [
            Line(f"ref = {call}"),
            Line(f"w = ray.get({s.pick(['ref', submission(inner, {**members, 'ref': REF})])})"),
        ]
        body.append(Line(f"{out}.append(w)"))
        if s.chance(10):
            body.insert(1 + s.below(3), Line("print(type(ref).__name__)"))
    if s.chance(15):
        body.insert(s.below(len(body) + 1), Line(submission(inner, members)))
    if s.risky and s.chance(15):
        body.append(compound(f"if len({out}) > 1:", [Line("break")]))
    for name in (*members, "w"):
        s.names.pop(name, None)
    s.bind(out, VALUES)
    return [Line(f"{out} = []"), compound(f"for {target} in {iterable}:", body)]


def gets_together(s: State) -> list[Statement]:
    """Several gets in a round: of the loop's own items, of what was got before, of a list, or of an actor's call."""
    target, iterable, members = iteration(s, 25)
    inner = s.inner(in_loop=True)
    for name, kind in members.items():
        inner.bind(name, kind)
    out, got, body = s.fresh("out"), list[str](), list[Statement]()

    def call_of(known: dict[str, str]) -> str:
        if s.chance(30):
            return submission(inner, known)
        given = ", ".join(s.pick([*known, str(s.below(3))]) for _ in range(1 + s.below(2)))
        return f"less.remote({given})"

    for name in ("v", "w", "z")[: 2 + s.below(2)]:
        known = {**members, **dict.fromkeys(got, "value")}
        call = call_of(known if s.chance(40) else members)
        if s.chance(20):
            body.append(Line(f"{name}, more = ray.get([{call}, {call_of(members)}])"))
        elif s.chance(25):
            body.extend([Line(f"ref = {call}"), Line(f"{name} = ray.get(ref)")])
        else:
            body.append(Line(f"{name} = ray.get({call})"))
        got.append(name)
    handle = s.some(HANDLE)
    if handle is not None and handle not in members and s.chance(30):
        body.insert(s.below(len(body) + 1), Line(method_call(inner, handle, members)))
    ends = [f"{out}.append({got[-1]})", f"{out}.append(({', '.join(got)}))", f"print({got[-1]})"]
    body.append(Line(s.pick(ends)))
    if s.chance(25):
        body = [compound("try:", body), compound("except Exception as error:", [Line("print('caught')")])]
    for name in (*members, *got, "more", "ref"):
        s.names.pop(name, None)
    s.bind(out, VALUES)
    calls = [f"ray.get({call_of(members)})" for _ in range(2)]
    if s.chance(20):
        return [Line(f"{out} = [({', '.join(calls)}) for {target} in {iterable}]")]
    return [Line(f"{out} = []"), compound(f"for {target} in {iterable}:", body)]


def chained_get(s: State) -> list[Statement]:
    """Tasks that take one another, by name or in one expression, whose last one is got where it is made."""
    body: list[Statement] = []
    taken: dict[str, str] = {}
    for _ in range(1 + s.below(3)):
        call = submission(s, taken)
        name = s.fresh("link")
        if s.chance(60):
            body.append(Line(f"{name} = {call}"))
            taken = {**taken, name: REF}
        else:
            taken = {**taken, call: REF}
    last = submission(s, taken)
    if s.chance(25):
        last = s.pick([f"[{last}]", f"[{last} for i in range(2)]", f"[{last}, {submission(s, taken)}]"])
    body.append(Line(s.pick([f"w = ray.get({last})", f"print(total(ray.get({last})))", f"w = [0, ray.get({last})]"])))
    named = [name for name in taken if name.isidentifier()]
    if named and s.chance(30):
        body.append(Line(f"print(type({s.pick(named)}).__name__)"))
    s.names.pop("w", None)
    return body


def given_callee(s: State) -> list[Statement]:
    """A function that submits what it is given: a task, a class, a list of actors."""
    name, out = s.fresh("fan"), s.name(REFS)
    handles = s.some(HANDLES)
    width = 1 + s.below(3)
    if handles is not None and s.chance(50):
        call = s.pick(["a.add.remote(k)", "a.read.remote()", "a.add.remote(i)" if s.risky else "a.add.remote(2)"])
        body: list[Statement] = [Line(f"return [{call} for a in who]")]
        if s.chance(30):
            body = [compound("for a in who:", [Line("a.add.remote(k)")]), *body]
        given = f"{handles}, {small(s)}"
        define = compound(f"def {name}(who, k):", body)
    elif s.chance(30):
        call = "task.remote(i, k)"
        body = [Line(f"return [{call} for i, task in enumerate(tasks)]")]
        if s.chance(60):
            find = s.pick([[Line("task = tasks[i]")], [Line("task = tasks[i % 2]")], []])
            loop = "for i in range(len(tasks)):" if find else "for i, task in enumerate(tasks):"
            body = [Line("refs = []"), compound(loop, [*find, Line(f"refs.append({call})")])]
            body.append(Line(s.pick(["return refs", "return [tasks[0].remote(r, 1) for r in refs]"])))
        tasks = [s.pick(["f", "add", "f.options(num_cpus=1)", "add", "deep"]) for _ in range(2 + s.below(2))]
        given = f"[{', '.join(tasks)}], {argument(s, {})}"
        define = compound(f"def {name}(tasks, k):", body)
    else:
        extra = argument(s, {})
        body = [Line(f"return [task.remote(i, k) for i in range({width})]")]
        if s.chance(40):
            body = [
                Line("refs = []"), compound(f"for i in range({width}):", [Line("refs.append(task.remote(i, k))")]),
                Line(s.pick(["return refs", "return [task.remote(r, 1) for r in refs]"])),
            ]  # fmt: skip
        task = s.some(TASK) if s.chance(20) else None
        given = f"{task or s.pick(['f', 'add', 'f.options(num_cpus=1)'])}, {extra}"
        define = compound(f"def {name}(task, k):", body)
    s.names.pop(out, None)
    s.bind(out, REFS)
    return [define, Line(f"{out} = {name}({given})")]


def runner(s: State) -> list[Statement]:
    """An object that holds a list of actors or refs, and submits in its methods."""
    kind, name, out = s.fresh("Runner"), s.name(BAG), s.name(REFS)
    width = 1 + s.below(2)
    create = s.pick(["Log.remote(i)", "Counter.remote(i)", "f.remote(i)", "add.remote(i)"])
    is_actor = create.startswith(("Log", "Counter"))
    start: list[Statement] = [Line(f"self.held = [{create} for i in range({width})]")]
    if s.chance(30):
        start = [Line("self.held = []"), compound(f"for i in range({width}):", [Line(f"self.held.append({create})")])]
    if is_actor:
        body: list[Statement] = [Line("return [a.add.remote(k) for a in self.held]")]
        if s.chance(30):
            body = [
                compound("for a in self.held:", [Line("a.add.remote(k)")]),
                Line("return [a.read.remote() for a in self.held]"),
            ]
    else:
        body = [Line("return [add.remote(r, k) for r in self.held]")]
        if s.chance(40):
            body = [Line("self.held = [add.remote(r, k) for r in self.held]"), Line("return self.held")]
    define = compound(
        f"class {kind}:",
        [compound("def __init__(self):", start), compound("def step(self, k):", body)],
    )
    for gone in (name, out):
        s.names.pop(gone, None)
    if name == out:
        name = s.fresh("runner")
    s.bind(out, REFS)
    calls: list[Statement] = [Line(f"{name} = {kind}()"), Line(f"{out} = {name}.step({small(s)})")]
    return [define, *calls, *([Line(f"{out} = {name}.step({argument(s, {})})")] if s.chance(40) else [])]
