"""Expressions of generated programs: values, iterables, conditions and submissions, as source text."""

from __future__ import annotations

from tests.fuzz.computing import computed
from tests.fuzz.state import (
    ARRAY,
    BAG,
    DICT,
    GRID,
    HANDLE,
    HANDLES,
    ITERATOR,
    LIST,
    REF,
    REFS,
    SMALL,
    TASK,
    VALUE,
    VALUES,
    State,
)  # fmt: skip

Members = dict[str, str]


def small(s: State) -> str:
    """A small number, without effects."""
    name = s.some(SMALL)
    listed = s.some(REFS, LIST, HANDLES, VALUES)
    options = [(5, str(s.below(4)))]
    if name is not None:
        options += [(6, name), (1, f"{name} + 1"), (1, f"{name} % 3")]
    if listed is not None:
        options.append((2, f"len({listed})"))
    if s.chance(5):
        options.append((3, "limit"))
    return s.weighted(options)


def value(s: State, members: Members | None = None) -> str:
    """A plain value to pass to a task; mostly without effects."""
    given = _value(s, members)
    return computed(s, given) if s.chance(12) else given


def _value(s: State, members: Members | None) -> str:
    inside = [name for name, kind in (members or {}).items() if kind in (SMALL, VALUE, VALUES, LIST, ARRAY)]
    if inside and s.chance(50):
        name = s.pick(inside)
        return s.pick([name, name, name, f"[{name}]", f"({name}, 1)", f"total({name})" if s.chance(20) else name])
    held = s.some(SMALL, VALUE, VALUES, LIST, DICT, ARRAY)
    if held is not None and s.chance(50):
        kind = s.names[held]
        forms = [held, held, held, f"[{held}, 1]"]
        if kind in (LIST, VALUES):
            forms += [f"{held}[:1]", f"list({held})", f"tuple({held})", f"{held} + [1]", f"{held}[::-1]"]
        if kind == LIST:
            forms += [f"{held} * 2", f"sum({held})", f"max({held}, default=0)", f"tick({held})", f"{held}.copy()"]
            forms += [f"{held}.pop()"] if s.risky else [f"({held}.pop() if {held} else 0)"]
        if kind == DICT:
            forms += [f"dict({held})", f"{held}.get('a')", f"sorted({held})", f"{{**{held}, 'z': 3}}"]
            forms += [f"{held}['a']"] if s.risky else []
        if kind == ARRAY:
            forms += [f"{held} * 2", f"{held}[:1]", f"{held}.copy()", f"{held}.sum()", f"{held}[::-1]", f"{held}.T"]
        return s.pick(forms)
    number = small(s)
    forms = [number] * 5 + [f"[{number}]", f"{{'a': {number}}}", f"'{number}'", "None", f"-({number})"]
    forms += [f"np.arange({number})", f"list(range({number}))", f"[{number} for _ in range(2)]"]
    if s.risky:
        forms += [f"6 // ({number})", f"[1, 2][{number}]", "missing", f"int('{number}x')"]
    if s.chance(10):
        again = s.fresh("t")
        forms = [f"({again} := {number})", f"len([{again} for {again} in range({number})])"]
    elif s.chance(3):
        forms = ["ray.get(add.remote(1))", "ray.put(1)", "ray.get(ray.put([1]))", "lambda: 1", "len('time')"]
    return s.pick(forms)


def refs(s: State) -> str | None:
    """A list of refs that an expression gives, if there is one to start from."""
    name = s.some(REFS)
    if name is None:
        grid = s.some(GRID)
        return f"{grid}[0]" if grid is not None and s.risky else None
    other = s.some(REFS)
    forms = [
        (80 if s.calm else 20, name),
        (2, f"{name}[:2]"),
        (2, f"{name}[1:]"),
        (1, f"list({name})"),
        (1, f"tuple({name})"),
    ]
    forms += [(1, f"{name}[::-1]"), (1, f"{name} + {other}"), (1, f"[*{name}, *{other}]"), (1, f"{name} or {other}")]
    forms += [(1, f"({name} if {condition(s)} else {other})"), (1, f"[r for r in {name}]"), (1, f"{name} * 2")]
    forms += [(1, f"list(reversed({name}))"), (1, f"{name}.copy()"), (1, f"[r for r in {name} if r is not None]")]
    return s.weighted(forms)


def ref(s: State, members: Members | None = None) -> str | None:
    """One ref, if there is any."""
    inside = [name for name, kind in (members or {}).items() if kind == REF]
    if inside and s.chance(70):
        return s.pick(inside)
    single, listed = s.some(REF), s.some(REFS)
    if single is not None and (listed is None or s.chance(70)):
        return single
    if listed is not None:
        return s.pick([f"{listed}[0]", f"{listed}[-1]"]) if s.risky or s.chance(30) else None
    return None


def condition(s: State, members: Members | None = None) -> str:
    """A condition; mostly without effects."""
    inside = list((members or {}).items())
    forms = [f"{small(s)} % 2", f"{small(s)} > 1", f"{small(s)} == {small(s)}", "True", f"not {small(s)}"]
    listed = s.some(REFS, LIST, HANDLES, VALUES)
    if listed is not None and s.chance(30 if s.calm else 90):
        forms += [listed, f"len({listed}) > 1", f"not {listed}", f"isinstance({listed}, list)"]
    if inside:
        name, kind = s.pick(inside)
        if kind == SMALL:
            forms += [f"{name} % 2", f"{name} != 1", f"{name} > 0", f"{name}"] * 2
        elif kind in (REF, HANDLE):
            forms += [f"{name} is not None", f"{name} is None"]
            if listed is not None and s.names[listed] == REFS:
                forms += [f"{name} in {listed}", f"{name} != {listed}[0]", f"{name} is not {listed}[-1]"]
    items = s.some(LIST)
    if items is not None and s.chance(15):
        forms.append(f"tick({items}) % 2")
    chosen = s.pick(forms)
    return computed(s, chosen) if s.chance(6) else chosen


def iteration(s: State, over_refs: int = 40) -> tuple[str, str, Members]:
    """A loop's target, its iterable, and what the target's names hold."""
    index, member, other = loop_name(s, "i"), loop_name(s, "x"), loop_name(s, "y")
    if len({index, member, other}) < 3:
        index, member, other = "i", "x", "y"
    listed = refs(s) if s.chance(over_refs) else None
    plain = _plain_iterable(s)
    if listed is None:
        text, kind = plain
        forms: list[tuple[int, tuple[str, str, Members]]] = [(8, (index, text, {index: kind}))]
        forms += [(1, (f"{index}, {other}", f"enumerate({text})", {index: SMALL, other: kind}))]
        forms += [(1, (f"{index}, {other}", f"zip({text}, range(3))", {index: kind, other: SMALL}))]
        table = s.some(DICT)
        if table is not None:
            forms += [(2, (f"{member}, {other}", f"{table}.items()", {member: VALUE, other: VALUE}))]
        return s.weighted(forms)
    grid, again = s.some(GRID), refs(s) or listed
    forms = [(12, (member, listed, {member: REF}))]
    forms += [(2, (f"{index}, {member}", f"enumerate({listed})", {index: SMALL, member: REF}))]
    forms += [(2, (f"{member}, {other}", f"zip({listed}, {again})", {member: REF, other: REF}))]
    forms += [(2, (f"{member}, {other}", f"zip({listed}, {plain[0]})", {member: REF, other: plain[1]}))]
    forms += [(1, (f"{other}, {member}", f"zip({plain[0]}, {listed})", {member: REF, other: plain[1]}))]
    forms += [(1, (f"({index}, ({member}, {other}))", f"enumerate(zip({listed}, {again}))",
                   {index: SMALL, member: REF, other: REF}))]  # fmt: skip
    forms += [(1, (f"{index}", f"range(len({listed}))", {index: SMALL}))]
    forms += [(1, (member, f"reversed({listed})", {member: REF})), (1, (member, f"iter({listed})", {member: REF}))]
    if grid is not None:
        forms.append((5, (member, grid, {member: REFS})))
    return s.weighted(forms)


def loop_name(s: State, usual: str) -> str:
    """The name of a loop's variable: now and then one that holds something else."""
    free = [name for name in s.names if name not in s.kept]
    return s.pick(free) if free and s.chance(6) else s.pick([usual, usual, "j" if usual == "i" else usual + usual[0]])


def _plain_iterable(s: State) -> tuple[str, str]:
    number = str(s.below(4)) if s.chance(50) else f"{small(s)} % 4" if s.chance(30) else small_bound(s)
    forms = [(12, (f"range({number})", SMALL)), (2, ("[1, 2, 3]", SMALL)), (1, ("(2, 1)", SMALL))]
    items = s.some(LIST)
    if items is not None:
        forms += [(6, (items, SMALL)), (1, (f"sorted({items})", SMALL)), (1, (f"{items}[1:]", SMALL))]
        forms += [(1, (f"(w + 1 for w in {items})", SMALL)), (1, (f"list({items})", SMALL))]
        forms += [(1, (f"[tick({items}), tick({items})]", SMALL))]
    values = s.some(VALUES)
    if values is not None:
        forms.append((4, (values, VALUE)))
    array = s.some(ARRAY)
    if array is not None:
        forms.append((2, (array, SMALL)))
    iterator = s.some(ITERATOR)
    if iterator is not None:
        forms.append((12, (iterator, SMALL)))
    if s.chance(15):
        forms += [(8, (f"pulled({number} % 3)", SMALL)), (4, ("map(abs, [1, -2])", SMALL))]
    if s.risky and s.chance(20):
        forms += [(20, (f"failing({number} % 3)", SMALL)), (3, ("3", SMALL))]
    return s.weighted(forms)


def small_bound(s: State) -> str:
    """How often something is done: a bound that names something, if anything does."""
    name = s.some(SMALL)
    listed = s.some(REFS, LIST, HANDLES)
    if name is not None and s.chance(60):
        return name
    return f"len({listed})" if listed is not None else "2"


def arguments(s: State, members: Members, least: int = 1, most: int = 3, plain: bool = False) -> str:
    """The arguments of a submission, positional ones first."""
    count = least + s.below(most - least + 1)
    given: list[str] = []
    for _ in range(count):
        given.append(argument(s, members, plain))
    return ", ".join(given)


def argument(s: State, members: Members, plain: bool = False) -> str:
    """One argument: a member, a shared ref, a whole group, or a plain value."""
    inside = [name for name, kind in members.items() if kind in (REF, REFS, SMALL, VALUE)]
    if inside and s.chance(55):
        return s.pick(inside)
    single = s.some(REF)
    if single is not None and s.chance(25):
        return single
    if not plain and s.chance(30):
        one = ref(s, members)
        if one is not None:
            return one
    listed = s.some(REFS)
    if not plain and listed is not None and s.chance(25):
        forms = [(8, listed), (2, f"list({listed})"), (1, f"[{listed}, 1]"), (1, f"len({listed})")]
        return s.weighted([*forms, (1, computed(s, listed))])
    one = ref(s, members)
    if one is not None and s.chance(6):
        return s.pick([f"[{one}]", f"{{'r': {one}}}", f"({one}, 1)", f"ray.get({one})", computed(s, one)])
    return value(s, members)


def submission(s: State, members: Members | None = None) -> str:
    """A call of a task, as `f.remote(x)`."""
    members = members or {}
    handles = [name for name, kind in members.items() if kind == HANDLE] + s.all(HANDLE)
    options: list[tuple[int, str]] = [
        (24, f"f.remote({_free_arguments(s, members)})"),
        (24, f"add.remote({arguments(s, members, 1, 2)})"),
        (4, f"scale.remote({argument(s, members)}, by={argument(s, members)})"),
        (3, f"add.remote({argument(s, members)}, y={argument(s, members)})"),
        (4, f"pair.remote({argument(s, members)})"),
        (5, f"grow.remote({arguments(s, members, 1, 2)})"),
        (4, f"ramp.remote({argument(s, members)})"),
        (5, f"stain.remote({arguments(s, members, 1, 2)})"),
        (3, f"deep.remote({arguments(s, members, 1, 2)})"),
        (3, f"spread.remote({arguments(s, members, 1, 2)})"),
        (1, f"tools['f'].remote({argument(s, members)})"),
        (1, f"made.remote({argument(s, members)})"),
        (2, f"f.options(num_cpus=1).remote({_free_arguments(s, members)})"),
        (2, f"add.options(num_cpus={option(s)}, name='one').remote({argument(s, members)})"),
        (1, f"f.options(**{{'num_cpus': 1}}).remote({argument(s, members)})"),
    ]
    if s.risky:
        options += [(12, f"boom.remote({argument(s, members)})"), (1, f"add.remote({arguments(s, members, 3, 3)})")]
    if handles and not s.cluster:
        options.append((6, f"through.remote({s.pick(handles)}, {argument(s, members)})"))
    task = s.some(TASK)
    if task is not None:
        options.append((12, f"{task}.remote({arguments(s, members, 1, 2)})"))
    bag = s.some(BAG)
    if bag is not None and s.chance(10):
        options.append((6, f"{bag}.task.remote({argument(s, members)})"))
    return s.weighted(options)


def option(s: State) -> str:
    """The value of an option: a constant, or one that a name holds."""
    name = s.some(SMALL)
    return f"1 + 0 * {name}" if name is not None and s.chance(40) else s.pick(["0.5", "1"])


def _free_arguments(s: State, members: Members) -> str:
    """The arguments of a task that takes any."""
    given = [arguments(s, members)]
    starred = s.some(LIST, VALUES, REFS)
    if starred is not None and s.chance(12):
        given.append(f"*{starred}")
    if s.chance(8):
        given.append(f"key={argument(s, members)}")
    table = s.some(DICT)
    if table is not None and s.chance(15):
        given.append(f"**{table}")
    return ", ".join(given)


def method_call(s: State, actor: str, members: Members | None = None) -> str:
    """A call of a method of an actor."""
    others = {name: kind for name, kind in (members or {}).items() if kind != HANDLE}
    starred = s.some(REFS, LIST)
    options = [
        (14, f"{actor}.add.remote({arguments(s, others, 1, 2)})"),
        (4, f"{actor}.read.remote()"),
        (2, f"{actor}.add.remote()"),
        (1, f"{actor}.add.options(num_returns=1).remote({argument(s, others)})"),
    ]
    if starred is not None:
        options += [(5, f"{actor}.add.remote(1, *{starred})"), (6, f"{actor}.add.remote({starred})")]
        options += [(4, f"{actor}.add.remote(*{starred})")]
    if s.risky:
        options.append((3, f"{actor}.fail.remote({argument(s, others)})"))
    return s.weighted(options)


def new_actor(s: State, members: Members | None = None) -> str:
    """The creation of an actor; its methods are the same whichever class it is of."""
    members = {name: kind for name, kind in (members or {}).items() if kind != HANDLE}
    options = [
        (12, f"Log.remote({arguments(s, members, 0, 2)})"),
        (8, f"Counter.remote({arguments(s, members, 0, 1)})"),
        (3, f"Log.options(num_cpus=0).remote({argument(s, members)})"),
        (1, f"Counter.options(num_cpus={option(s)}).remote()"),
    ]
    if s.risky and not s.cluster:
        options.append((2, f"Frail.remote({argument(s, members)})"))
    return s.weighted(options)
