"""Stretches: statements that only submit single tasks and pass their refs on, to each other: chains and trees."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import libcst as cst

from rayinfer.facts.flow import surely_bind
from rayinfer.facts.walk import walk
from rayinfer.ir.nodes import OTHER, Argument, Earlier, Group, Some, Value
from rayinfer.patterns.arguments import plain_value
from rayinfer.patterns.callee import is_submission, name_callee, names_in
from rayinfer.patterns.comprehension import node_of
from rayinfer.patterns.context import Callee, Candidate, Context, Details, Loop, Refusal, Stretch
from rayinfer.patterns.kinds import PLAIN, started
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
    ("refs = [step.remote(f.remote(n)) for n in names]", "Map"),
    ("refs = [(f.remote(n), n, step.remote(n)) for n in names]", "Map"),
    ("refs = [f.remote(n) if n else step.remote(n) for n in names]", "Map"),
    ("refs = {n: [f.remote(n), step.remote(n)] for n in names}", "Map"),
    (
        "refs = []\nfor n in names:\n    if n:\n        refs.append(f.remote(n))\n    else:\n"
        "        refs.append(step.remote(n))",
        "Map",
    ),
    ("refs = []\nfor n in names:\n    refs.append(f.remote(n))\n    refs.append(step.remote(n))", "Map"),
    ("refs = {}\nfor n in names:\n    refs[n] = f.remote(n), step.remote(n)", "Map"),
    ("refs = {}\nfor n in names:\n    refs.setdefault(len(n), []).append(step.remote(f.remote(n)))", "Map"),
    (
        "refs = []\nfor n in names:\n    row = []\n    for i in range(3):\n        row.append(f.remote(n, i))\n"
        "    refs.append(row)",
        "Map",
    ),
    ("refs = []\nfor n in names:\n    one = Counter.remote()\n    refs.append(one.read.remote())", "InitActors"),
    (
        "values = [1, 2, 3, 4]\nwhile len(values) > 1:\n"
        "    values = values[2:] + [step.remote(values[0], values[1])]\nprint(ray.get(values[0]))",
        "Map",
    ),
    (
        "values = load()\nwhile len(values) > 1:\n    values = values[2:] + [f.remote(values[0], values[1])]",
        "Map",
    ),
    ("left, right = pair.remote(1)\nx = f.remote(left, right)\nprint(ray.get(x))", "Map"),
    (
        "lefts, rest = [], []\nfor n in names:\n    left, right = pair.remote(n)\n    lefts.append(left)\n"
        "    rest.append(step.remote(right))",
        "Map",
    ),
    ("rows = []\nfor n in names:\n    row = pair.remote(f.remote(n))\n    rows.append(row)", "Map"),
    ("x = f.remote(1)\nprint(ray.get(step.remote(x)))", "Map"),
    ("print(sum(ray.get([step.remote(f.remote(n)) for n in names])))", "Map"),
    ("refs = [unknown.remote(f.options(num_cpus=0).remote(n)) for n in names]", "Group"),
)
INVALID = (
    ("x = 0\nfor n in names:\n    x = f.remote(x, n)\n    print(n)", "RI101"),
    ("refs = load()\nwhile len(refs) > 1:\n    refs.append(f.remote(refs.pop(0), refs.pop(0)))", "RI108"),
    ("for n in names:\n    left, right = step.remote(n)", "RI104"),
    ("for n in names:\n    left, *rest = pair.remote(n)", "RI104"),
    ("left, right = pair.remote(1)\nprint(ray.get(left))", "RI104"),
    ("x = 0\nfor n in names:\n    x = f.remote([x], n)", "RI101"),
    ("x = f.remote(1)\nprint(ray.get(step.remote(x)), x)", "RI101"),
    ("refs = []\nfor n in names:\n    refs.append(step.remote(f.remote(n)))\n    print(len(refs))", "RI103"),
    ("refs = {step.remote(f.remote(n)) for n in names}", "RI103"),
    ("one = Counter.remote()\nrefs = one.read.remote()", "RI101"),
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
            own = {id(site.call) for site in stretch.symbols.sites} if stretch is not None else set()
            if stretch is not None and _only_sometimes(stretch, context):
                # Its branches are read by themselves: rounds that do not come to them have nothing to end.
                continue
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
    chosen = _needed(Symbols(context, statements[start:stop]))
    if chosen is None:
        return None, stop
    first, last = start + chosen[0], start + chosen[1] + 1
    try:
        read = Symbols(context, statements[first:last])
    except Refusal:
        return None, stop
    if not any(read.links):
        return None, stop
    return Stretch(tuple(statements[first:last]), read), stop


def _only_sometimes(stretch: Stretch, context: Context) -> bool:
    """Whether only branches in a loop submit, so that some of its rounds may not."""
    submits = (one for one in stretch.statements if any(is_submission(node, context) for node in walk(one)))
    return context.in_loop(stretch.statements[0]) and all(isinstance(one, cst.If) for one in submits)


def _needed(symbols: Symbols) -> tuple[int, int] | None:
    """The first and last statement of those that tasks which take one another need; None when there are none."""
    last = max((number for number, link in enumerate(symbols.links) if link), default=None)
    if last is None:
        return None
    first, wanted = last, set(symbols.used[last])
    for number in range(last - 1, -1, -1):
        if symbols.links[number] or symbols.bound[number] & wanted:
            first = number
            wanted |= symbols.used[number]
    return first, last


def may_be_unbound(name: str, symbols: Symbols, context: Context) -> bool:
    """Whether a name may have no value after the statements of a stretch: only a loop or branch binds it."""
    for statement in symbols.statements:
        if isinstance(statement, cst.SimpleStatementLine):
            stored = (one for one in names_in(statement) if context.scopes.is_store(one))
            made = (context.flow.definition_at(one) for one in stored)
            if any(definition is not None and definition.name == name for definition in made):
                return False
    return not surely_bind(context.flow.reaching_before(symbols.statements[0], name))


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
        Symbols(context, statements)
    except Refusal:
        return False
    return True


def _begins(statement: cst.CSTNode, context: Context) -> bool:
    """Whether a statement submits, or starts an empty list or dict."""
    if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1:
        value = getattr(statement.body[0], "value", None)
        given = [part.value for part in value.elements] if isinstance(value, cst.Tuple) else [value]
        if any(isinstance(part, cst.BaseExpression) and started(part, context) != PLAIN for part in given):
            return True
    return any(is_submission(node, context) for node in walk(statement))


def find_candidates(stretch: Stretch) -> None:
    """Gives a stretch a candidate for each place that submits, in the order in which they do."""
    stretch.candidates = []
    for site in stretch.symbols.sites:
        assert site.stmt is not None
        holder = site.holder or site.call
        # Of what is called with options, or defined elsewhere, only the call tells whether it makes an actor.
        plain = site.callee.receiver is not None or _is_seen(site.callee)
        node = node_of(site.callee) if plain else Group
        candidate = Candidate("later", site.call, site.callee, node, site.stmt, holder, site.name)
        candidate.stretch = stretch
        stretch.candidates.append(candidate)


def details(candidate: Candidate, context: Context) -> Details:
    """The operands of the calls of one place: what they take of each other, and plain values.

    Raises:
        Refusal: when an argument is not understood.
    """
    stretch = candidate.stretch
    assert stretch is not None
    number = {id(one.site): one.id for one in stretch.candidates}
    found = Details()
    name_callee(candidate.callee, Loop(), found, context)
    found.named = found.named and not (candidate.callee.kind == "task" and _is_seen(candidate.callee))
    for arg in candidate.site.args:
        keyword = "**" if arg.star == "**" else arg.keyword.value if arg.keyword is not None else None
        taken = stretch.symbols.passed.get(id(arg))
        if taken is None:
            slot: Value | Some | Earlier = plain_value(arg.value, arg.star, {}, context)
        else:
            # Where a name holds no list, what is passed on are real refs.
            other = taken.other or bool(stretch.symbols.assumed)
            groups = (*sorted(number[site] for site in taken.sites), *((OTHER,) if other else ()))
            slot = (Earlier if candidate.id in groups else Some)(groups, taken.part)
        found.args.append(Argument(slot, keyword))
    receiver = candidate.callee.receiver
    if receiver is not None:
        _on_actor(candidate, receiver, number, found, context)
    if stretch.symbols.assumed and candidate is stretch.candidates[0]:
        names = [f"`{name}`" for name in sorted(stretch.symbols.assumed)]
        what = f"{' and '.join(names)} {'are taken for lists' if len(names) > 1 else 'is taken for a list'}"
        found.assumed = f"{found.assumed}; {what}" if found.assumed else what
    return found


def _is_seen(callee: Callee) -> bool:
    """Whether the file shows all that a callee is."""
    return callee.options is None and callee.file is None


def _on_actor(
    candidate: Candidate, receiver: cst.BaseExpression, number: dict[int, int], found: Details, context: Context
) -> None:
    """Whose method a call is: of actors that other calls of the stretch make, or of one that the program has."""
    assert candidate.stretch is not None
    made = next(site.actors for site in candidate.stretch.symbols.sites if site.call is candidate.site)
    found.named, found.in_order = True, False
    text = context.source.shown(receiver)
    found.assumed = f"`{text}` is taken for an actor, whose `{candidate.callee.task}` gives one result a call"
    if made is None:
        found.over = receiver
        return
    other = made.other or bool(candidate.stretch.symbols.assumed)
    found.actors = (*sorted(number[site] for site in made.sites), *((OTHER,) if other else ()))
    makers = [one for one in candidate.stretch.candidates if id(one.site) in made.sites]
    classes = [context.names.remote_definition(one.callee.target) for one in makers]
    methods = [one.methods for one in classes if one is not None and one.kind == "actor" and one.file is None]
    if len(methods) == len(made.sites) and not made.other and all(candidate.callee.task in one for one in methods):
        found.assumed = ""
