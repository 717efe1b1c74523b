"""A fan-out by comprehension: `[f.remote(x) for x in xs]`, of actors, or of a method on every actor."""

from __future__ import annotations

import libcst as cst

from rayinfer.facts.effects import has_effect, impure_part, impure_test
from rayinfer.facts.syntax import clauses, target_parts
from rayinfer.facts.walk import walk
from rayinfer.ir.nodes import All, Each, Group, InitActors, Map, MapActors, ReduceActors, Refs, Shared, Slot, Some
from rayinfer.patterns.arguments import bind, classify
from rayinfer.patterns.callee import callee_of, classes_of, name_callee, names_in
from rayinfer.patterns.columns import drop_read, drop_unknown
from rayinfer.patterns.context import (
    Callee,
    Candidate,
    Context,
    Details,
    Loop,
    Refusal,
    makes_actors,
    may_make_actors,
    numbers,
)
from rayinfer.patterns.extending import extension_of
from rayinfer.patterns.taken import Ref, beside_in, check_beside, choice_around, row_around

VALID = (
    ("refs = [f.remote(i) for i in range(8)]", "Map"),
    ("refs = [f.remote(i, key=n) for i, n in enumerate(names) if n]", "Map"),
    ("refs = [f.options(num_cpus=2).remote(i) for i in range(8)]", "Map"),
    ("refs = [f.options(**given).remote(i) for i in range(8)]", "Map"),
    ("actors = [Counter.remote(i) for i in range(8)]", "InitActors"),
    ("refs = list(f.remote(i) for i in range(8))", "Map"),
    ("refs = tuple(f.remote(i) for i in range(8))", "Map"),
    ("refs = {f.remote(i) for i in range(8)}", "Map"),
    ("def main(xs):\n    refs = []\n    refs.extend(f.remote(x) for x in xs)\n    return refs", "Map"),
    ("refs = {n: f.remote(i) for i, n in enumerate(names)}", "Map"),
    ("refs = [unknown.remote(i) for i in range(8)]", "Group"),
    ("refs = [task.remote(i) for i, task in enumerate(names)]", "Group"),
    ("refs = [actor.add.remote(i) for i, actor in enumerate(names)]", "MapActors"),
    ("refs = [(f.remote(i), i) for i in range(8)]", "Map"),
    ("refs = [{'n': n, 'ref': f.remote(n)} for n in names]", "Map"),
    ("refs = {f.remote(i): i for i in range(8)}", "Map"),
    ("refs = [f.remote(i) if i % 2 else None for i in range(8)]", "Map"),
    ("refs = {n: actor.add.remote() for n, actor in given.items()}", "MapActors"),
    ("refs = [pair.remote(i) for i in range(8)]", "Map"),
    ("refs = [f.options(num_returns=2).remote(i) for i in range(8)]\nseen = [f.remote(*c) for c in zip(*refs)]", "Map"),
)
INVALID = (
    ("refs = [unknown().remote(i) for i in range(8)]", "RI102"),
    ("refs = [f.remote(queue.pop()) for i in range(8)]", "RI103"),
    ("refs = list((f.remote(i), step.remote(i)) for i in range(8))", "RI104"),
    ("refs = [(f.remote(i), names[i]) for i in range(8)]", "RI103"),
    ("refs = tuple(f.remote(i) if i else step.remote(i) for i in range(8))", "RI104"),
    ("refs = [f.remote(i) if queue.pop() else None for i in range(8)]", "RI103"),
    ("refs = (f.remote(i) for i in range(8))", "RI104"),
    ("refs = [f.remote(i) for i in range(8)]\nseen = [step.remote((r, 1)) for r in refs]", "RI105"),
    ("refs = [f.options(num_returns='streaming').remote(i) for i in range(8)]", "RI106"),
    ("refs = {pair.remote(i): i for i in range(8)}", "RI106"),
    ("refs = [f.options(num_cpus=queue.pop()).remote(i) for i in range(8)]", "RI107"),
)


def match(site: cst.Call, context: Context) -> Candidate | None:
    """The candidate for a submission that is the element of a comprehension; None when it is not one.

    A generator expression counts when `list`, `tuple`, `set` or `frozenset` takes all of it at once.

    Raises:
        Refusal: when it is one that is not understood.
    """
    row = row_around(Ref(site), context) or choice_around(site, context)
    item = row if row is not None else site
    holder = context.parent(item)
    if not isinstance(holder, cst.BaseComp) or isinstance(item, cst.CompFor):
        return None
    if isinstance(holder, cst.DictComp):
        if row is not None or item not in (holder.key, holder.value):
            return None
        if item is holder.key:
            check_beside(holder.value, context, after=True)
    elif item is not getattr(holder, "elt", None):
        return None
    consumer = context.consumer_of(holder) or extension_of(holder, context)
    if isinstance(holder, cst.GeneratorExp) and consumer is None:
        return None
    varying: set[str] = set()
    for clause in clauses(holder):
        if clause.asynchronous is not None:
            raise Refusal("RI112", "the comprehension is asynchronous")
        if not all(isinstance(part, cst.Name) for part in target_parts(clause.target)):
            raise Refusal("RI104", "the comprehension assigns to something other than a name")
        varying.update(name.value for name in names_in(clause.target))
    callee = callee_of(site, context, frozenset(varying), context.source.offsets(holder))
    candidate = Candidate("comprehension", site, callee, node_of(callee), holder, holder, consumer=consumer)
    if row is not None:
        _beside(row, site, context)
        candidate.rowed = True
    return candidate


def _beside(row: cst.BaseExpression, site: cst.Call, context: Context) -> tuple[cst.BaseExpression, ...]:
    """What stands beside a call in a tuple, list or dict, or in a conditional expression that may not make it.

    Raises:
        Refusal: when that has an effect, is another submission, or may raise after the call.
    """
    if not isinstance(row, cst.IfExp):
        return beside_in(row, Ref(site), context)
    refuse_test(row.test, context)
    parts = (row.test, row.orelse if row.body is site else row.body)
    for part in parts:
        check_beside(part, context, after=False)
    return parts


def node_of(callee: Callee) -> type[Group]:
    """The node for a callee; a method's may become `ReduceActors` once its arguments are known."""
    return {"task": Map, "actor": InitActors, "method": MapActors, "unknown": Group}[callee.kind]


def list_of(candidate: Candidate, context: Context) -> cst.CSTNode | None:
    """The expression that is the list of a comprehension's results; None when they are in another container."""
    if candidate.consumer is not None:
        return candidate.consumer if context.names.dotted(candidate.consumer.func) == "builtins.list" else None
    return candidate.holder if isinstance(candidate.holder, cst.ListComp) else None


def details(candidate: Candidate, context: Context) -> Details:
    """The operands of a comprehension's group.

    Raises:
        Refusal: when a condition, an iterable or an argument is not understood.
    """
    holder = candidate.holder
    assert isinstance(holder, cst.BaseComp)
    loop = Loop()
    loop.aligned = holder.for_in.inner_for_in is None and not holder.for_in.ifs
    loop.aligned = loop.aligned and choice_around(candidate.site, context) is None
    refuse_inner_effects(holder, context)
    for clause in clauses(holder):
        bind(clause.target, clause.iter, context, loop)
    if isinstance(holder, cst.DictComp) and holder.key is not candidate.site:
        refuse_effect(holder.key, context, "the key")
    _only_as_arguments(candidate, holder, loop, context)
    return operands(candidate, holder.for_in.target, holder.for_in.iter, loop, context)


def refuse_inner_effects(holder: cst.BaseComp, context: Context) -> None:
    """Raises a refusal when a condition or an inner loop of a comprehension has an effect that is not known.

    What the first iterable does, it does before any submission of the comprehension.
    """
    for clause in clauses(holder):
        for condition in clause.ifs:
            refuse_test(condition.test, context)
        if clause is not holder.for_in:
            refuse_effect(clause.iter, context, "an inner iterable")
            if has_effect(clause, context.names):
                over = context.source.shown(clause.iter)
                raise Refusal("RI103", f"an inner loop over `{over}` may run code of this file")


def _only_as_arguments(candidate: Candidate, holder: cst.BaseComp, loop: Loop, context: Context) -> None:
    """Takes from `loop` the members that a key, a condition or an inner loop reads: it must find the ref itself.

    So must what else stands in the tuple around the call.
    """
    parts: list[cst.BaseExpression] = []
    if isinstance(holder, cst.DictComp):
        parts = [holder.value if holder.key is candidate.site else holder.key]
    elif candidate.rowed:
        row = row_around(Ref(candidate.site), context) or choice_around(candidate.site, context)
        parts = list(_beside(row, candidate.site, context)) if row is not None else []
    for clause in clauses(holder):
        parts += [condition.test for condition in clause.ifs]
        parts += [clause.iter] if clause is not holder.for_in else []
    drop_read({name.value for part in parts for name in names_in(part)}, loop)
    drop_unknown(candidate, loop, context)


def refuse_effect(node: cst.BaseExpression, context: Context, where: str) -> None:
    """Raises a refusal when an expression's effect is not known."""
    _refuse(impure_part(node, context.names), context, where)


def refuse_test(test: cst.BaseExpression, context: Context) -> None:
    """Raises a refusal when the effect of testing a condition is not known."""
    _refuse(impure_test(test, context.names), context, "a condition")


def _refuse(effect: cst.CSTNode | None, context: Context, where: str) -> None:
    if effect is not None:
        raise Refusal("RI103", f"in {where}, {context.describe(effect)}")


def operands(
    candidate: Candidate, target: cst.BaseExpression, iterable: cst.BaseExpression, loop: Loop, context: Context
) -> Details:
    """The operands of a group whose members are the items of one loop or comprehension."""
    found = Details(as_group=loop.as_group, wrap_each=loop.wrap_each)
    name_callee(candidate.callee, loop, found, context)
    if candidate.callee.kind == "method":
        _over_actors(candidate, target, iterable, loop, found, context)
    classify(candidate, candidate.site, context, loop, found)
    slots = [argument.slot for argument in found.args]
    if candidate.callee.kind == "method":
        whole = any(isinstance(slot, All | Refs) for slot in slots)
        candidate.node = ReduceActors if whole else MapActors
    if any(isinstance(slot, Each | Some) and candidate.node is InitActors for slot in slots):
        raise Refusal("RI104", "actors that are made from the members of another group are left as they are")
    found.bound = _bound(candidate, iterable, context)
    found.width = context.source.code(found.bound) if found.bound is not None else None
    found.objects = _objects(candidate, found)
    return found


def _objects(candidate: Candidate, found: Details) -> str | None:
    """The name of the group that the scheduler is to place the members by."""
    wanted: tuple[type[Slot], ...] = (Each, Some, Shared, Refs, All)
    if candidate.node is ReduceActors:
        wanted = (All, Refs)
    for kind in wanted:
        for slot, name in found.operands:
            if isinstance(slot, kind):
                return name
    return None


def _over_actors(
    candidate: Candidate,
    target: cst.BaseExpression,
    iterable: cst.BaseExpression,
    loop: Loop,
    found: Details,
    context: Context,
) -> None:
    receiver = candidate.callee.receiver
    assert receiver is not None
    over_each = isinstance(receiver, cst.Name) and isinstance(target, cst.Name) and receiver.value == target.value
    over_each = over_each and loop.aligned and candidate.callee.options is None
    over_each = over_each and not (candidate.keyed or candidate.rowed)
    groups = take_receiver(candidate.callee, candidate.site, loop, found, context)
    found.in_order = loop.aligned
    known = bool(groups) and not found.assumed
    if over_each and (known and context.is_surely_group(iterable) if candidate.site.args else _is_plain(iterable)):
        found.over = iterable
    else:
        found.named = True
        found.over = loop.iterables.get(receiver.value, receiver) if isinstance(receiver, cst.Name) else receiver


def _is_plain(iterable: cst.BaseExpression) -> bool:
    return isinstance(iterable, cst.Name | cst.Attribute)


def take_receiver(callee: Callee, site: cst.Call, loop: Loop, found: Details, context: Context) -> list[Candidate]:
    """The groups whose members a method is called on, as far as they may be actors.

    Raises:
        Refusal: when such a member is an argument of the call as well, or the method gives several refs.
    """
    name = callee.receiver.value if isinstance(callee.receiver, cst.Name) else ""
    groups = loop.members.pop(name, [])
    for arg in site.args if groups else ():
        # It would be a handle that is passed on.
        if any(part.value == name for part in names_in(arg.value)):
            raise Refusal("RI105", f"the actor `{name}` is an argument of its own call")
    known = all(makes_actors(group) for group in groups)
    for group in groups:
        made = context.names.remote_definition(group.callee.target) if group.node is InitActors else None
        if made is not None and made.methods.get(callee.task):
            raise Refusal("RI106", f"`{callee.task}` returns several refs a call")
        # A method that is inherited, or whose class another file defines, may be another one when it runs.
        known = known and made is not None and made.file is None and callee.task in made.methods
    makers = [group for group in groups if may_make_actors(group)]
    if makers:
        sure = name not in loop.unsure and len(makers) == len(groups)
        found.actors = tuple(dict.fromkeys((*found.actors, *numbers(makers, sure))))
    classes = classes_of(callee.receiver, context) if callee.receiver is not None and not groups else []
    if any(made is not None and made.methods.get(callee.task) for made in classes):
        raise Refusal("RI106", f"`{callee.task}` returns several refs a call")
    shown = bool(classes) and all(m is not None and m.file is None and callee.task in m.methods for m in classes)
    if not (groups and known) and not shown:
        assert isinstance(callee.target, cst.Attribute)
        text = context.source.shown(callee.target.value)
        found.assumed = f"`{text}` is taken for an actor, whose `{callee.task}` gives one result a call"
    return groups


def _bound(candidate: Candidate, iterable: cst.BaseExpression, context: Context) -> cst.BaseExpression | None:
    """How many members a group has, where that is one expression that may be evaluated twice."""
    holder = candidate.holder
    if isinstance(holder, cst.BaseComp) and (holder.for_in.ifs or holder.for_in.inner_for_in is not None):
        return None
    if choice_around(candidate.site, context) is not None:
        return None
    if isinstance(iterable, cst.Call) and len(iterable.args) == 1 and not iterable.args[0].star:
        bound = iterable.args[0].value
        if context.names.dotted(iterable.func) == "builtins.range" and _is_repeatable(bound, context):
            return bound
    return None


def _is_repeatable(node: cst.BaseExpression, context: Context) -> bool:
    calls = [part for part in walk(node) if isinstance(part, cst.Call)]
    if any(context.names.dotted(call.func) != "builtins.len" for call in calls):
        return False
    return impure_part(node, context.names) is None
