"""Gets in every round of a loop, `r = ray.get(f.remote(x))`: made parallel where no round needs an earlier one."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from rayinfer.facts.effects import impure_part
from rayinfer.facts.purity import effect_of_task
from rayinfer.facts.syntax import clauses
from rayinfer.facts.walk import upwards, walk
from rayinfer.ir.nodes import Argument, Map, Value
from rayinfer.patterns import single
from rayinfer.patterns.awaited import get_with
from rayinfer.patterns.callee import callee_of
from rayinfer.patterns.context import Candidate, Context, Details, Refusal
from rayinfer.patterns.rounds import check_rounds

VALID = (
    ("out = []\nfor n in names:\n    out.append(ray.get(step.remote(n)))", "Map"),
    ("total = 0\nfor i in range(8):\n    total += ray.get(step.remote(i))\n    print(i, total)", "Map"),
    ("out = []\nfor n in names:\n    ref = step.remote(n)\n    out.append(ray.get(ref))", "Map"),
    ("out = [ray.get(step.remote(i)) for i in range(8)]", "Map"),
    ("out = {n: ray.get(step.remote(i)) for i, n in enumerate(names)}", "Map"),
    ("print(sum(ray.get(step.remote(i)) for i in range(8)))", "Map"),
    ("for i in range(8):\n    print(ray.get(step.remote(i)) == ray.get(step.remote(i + 1)))", "Map"),
    ("for i in range(8):\n    one, two = ray.get([step.remote(i), step.remote(-i)])", "Map"),
    ("for i in range(8):\n    a = step.remote(i)\n    b = step.remote(-i)\n    print(ray.get(a), ray.get(b))", "Map"),
    ("print([(ray.get(step.remote(i)), ray.get(step.remote(-i))) for i in range(8)])", "Map"),
)
INVALID = (
    ("x = 0\nfor i in range(8):\n    x += ray.get(step.remote(x))", "RI118"),
    ("for i in range(8):\n    if ray.get(step.remote(i)):\n        break", "RI118"),
    ("for i in range(8):\n    ref = step.remote(i)\n    if ray.get(ref):\n        break", "RI118"),
    ("for i in range(8):\n    ref = step.remote(i)\n    print(ref)\n    print(ray.get(ref))", "RI101"),
    ("for i in range(8):\n    if i:\n        print(ray.get(step.remote(i)))", "RI118"),
    ("for n in names:\n    names[1] = ray.get(step.remote(n))", "RI118"),
    ("for n in names:\n    print(ray.get(noisy.remote(n)))", "RI118"),
    ("for i in range(8):\n    one = ray.get(step.remote(i))\n    print(ray.get(step.remote(one)))", "RI118"),
    ("for i in range(8):\n    one = ray.get(step.remote(i))\n    print(ray.get(noisy.remote(i)))", "RI118"),
    ("for i in range(8):\n    print(ray.get(step.remote(i)))\n    ray.get(names[i].remote(i))", "RI118"),
    ("for i in range(8):\n    print(ray.get(step.remote(i)))\n    Counter.remote(i)", "RI118"),
    ("while queue:\n    ray.get(step.remote(1))\n    queue.pop()", "RI101"),
)
# What a result may stand in without its call being left out in some round.
_AROUND = (
    cst.Arg,
    cst.Assign,
    cst.AnnAssign,
    cst.Attribute,
    cst.AugAssign,
    cst.BinaryOperation,
    cst.Call,
    cst.Dict,
    cst.DictElement,
    cst.Element,
    cst.Expr,
    cst.FormattedString,
    cst.FormattedStringExpression,
    cst.IndentedBlock,
    cst.List,
    cst.SimpleStatementLine,
    cst.Subscript,
    cst.SubscriptElement,
    cst.Index,
    cst.Tuple,
    cst.UnaryOperation,
)
_PLAIN_OPTIONS = frozenset({"num_cpus", "num_returns", "max_retries"})


@dataclass(frozen=True)
class Round:
    """The loop whose every round gets one call: a `for` statement or clause, and the comprehension that has it."""

    loop: cst.For | cst.CompFor
    holder: cst.For | cst.BaseComp


def match(site: cst.Call, context: Context) -> Candidate | None:
    """The candidate for `ray.get(f.remote(x))` in every round of a loop; None when it is in no loop.

    Raises:
        Refusal: when some round may need an earlier one, or the order of their effects could be seen.
    """
    get = _get_of(site, context)
    found = _round_of(get, context) if get is not None else None
    if get is None or found is None:
        return None
    if get_with(site, context) is None:
        # Through a name: the call, too, is made in every round of that loop, and gathers no group.
        if single.may_gather(site, context) or _round_of(site, context) != found:
            return None
    try:
        callee = callee_of(site, context)
    except Refusal as refusal:
        if refusal.code == "RI102":
            return None  # on one actor, as far as can be seen: a single call
        raise
    if callee.receiver is not None:
        shown = context.source.code(callee.receiver)
        raise Refusal("RI117", f"`{shown}` is one actor, and each call on it is awaited before the next")
    if callee.kind != "task":
        return None
    effect = effect_of(site, context)
    if effect is not None:
        raise Refusal("RI118", f"{effect}: the calls of this loop stay one after the other")
    _check_arguments(site, found, context)
    check_rounds(found.holder, found.loop, site, get, context)
    return Candidate("ahead", site, callee, Map, found.holder, found.loop, inline=True, why="in order, some ahead")


def details(candidate: Candidate, context: Context) -> Details:
    """The arguments of the calls; each is a plain value."""
    found = Details()
    for arg in candidate.site.args:
        keyword = "**" if arg.star == "**" else arg.keyword.value if arg.keyword is not None else None
        text = context.source.code(arg.value)
        found.args.append(Argument(Value(f"*{text}" if arg.star == "*" else text), keyword))
    return found


def _get_of(site: cst.Call, context: Context) -> cst.Call | None:
    """The `ray.get` that alone takes the ref of a call, there and then or through a name that nothing else reads.

    It may take those of other calls as well, in one list.
    """
    name = single.assigned_name(context.parent(site))
    definition = context.flow.definition_at(name) if name is not None else None
    if definition is None:
        return get_with(site, context)
    uses = context.flow.uses(definition)
    if len(uses) != 1 or context.flow.reaching(uses[0]) != {definition}:
        return None
    return get_with(uses[0], context)


def _round_of(call: cst.Call, context: Context) -> Round | None:
    """The loop that makes a call in every round; None for a call in no loop, or where that is not known.

    Raises:
        Refusal: when some rounds may do without the call.
    """
    always = True
    child: cst.CSTNode = call
    node = context.parent(call)
    while node is not None and not isinstance(
        node, cst.FunctionDef | cst.ClassDef | cst.Module | cst.While | cst.Lambda
    ):
        if isinstance(node, cst.For | cst.BaseComp):
            if isinstance(node, cst.For) and child is not node.body:
                return None
            if isinstance(node, cst.BaseComp) and isinstance(child, cst.CompFor):
                return None
            if not always:
                raise Refusal("RI118", "not every round of the loop makes this call")
            return _checked(node, context)
        always = always and _always_reached(child, node)
        child, node = node, context.parent(node)
    return None


def _always_reached(child: cst.CSTNode, node: cst.CSTNode) -> bool:
    """Whether a part of a statement or expression is evaluated whenever that is."""
    if isinstance(node, cst.Try):
        return child is node.body
    if isinstance(node, cst.If):
        return child is node.test
    if isinstance(node, cst.Comparison):
        return len(node.comparisons) == 1 or child is node.left
    return isinstance(node, (*_AROUND, cst.ComparisonTarget))


def _checked(node: cst.For | cst.BaseComp, context: Context) -> Round:
    """Raises a refusal where a loop is not taken whole, or not in one way."""
    if isinstance(node, cst.For):
        if node.asynchronous is not None:
            raise Refusal("RI112", "the loop is asynchronous")
        _check_target(node.target)
        return Round(node, node)
    if isinstance(node, cst.GeneratorExp):
        if context.taker_of(node) is None:
            raise Refusal("RI104", "the submission stands in a generator expression that is not taken whole at once")
    for above in upwards(context.parent(node), context.parents):
        if isinstance(above, cst.Lambda | cst.GeneratorExp) and context.taker_of(above) is None:
            raise Refusal("RI104", "the submission stands in a lambda or a generator expression")
    last = clauses(node)[-1]
    if last.ifs:
        raise Refusal("RI118", "not every round of the loop makes this call")
    if last.asynchronous is not None:
        raise Refusal("RI112", "the comprehension is asynchronous")
    _check_target(last.target)
    return Round(last, node)


def _check_target(target: cst.BaseExpression) -> None:
    parts = [e.value for e in target.elements] if isinstance(target, cst.Tuple) else [target]
    names = [part.value for part in parts if isinstance(part, cst.Name)]
    if len(names) != len(parts) or len(set(names)) != len(names) or (isinstance(target, cst.Tuple) and len(names) < 2):
        raise Refusal("RI104", "the loop assigns to something other than a few names")


def _check_arguments(site: cst.Call, found: Round, context: Context) -> None:
    """Raises a refusal when the arguments may not be evaluated before their turn."""
    names = context.names
    for part in (arg.value for arg in site.args):
        effect = impure_part(part, names)
        if effect is not None:
            raise Refusal("RI118", f"an argument may not be computed before its turn: {context.describe(effect)}")
        for call in walk(part):
            if isinstance(call, cst.Lambda):
                raise Refusal("RI118", "an argument is a lambda, which may see what a round changes")
            dotted = names.dotted(call.func) if isinstance(call, cst.Call) else None
            if dotted is not None and dotted.startswith(("random.", "numpy.random.")):
                raise Refusal("RI118", f"an argument is drawn by {dotted}")
            if isinstance(call, cst.Call) and names.is_quiet(call.func):
                # What it draws, or sees of what the round changes, is not in the text of the call.
                text = context.source.code(call.func)
                raise Refusal("RI118", f"an argument may not be computed before its turn: it is what `{text}` gives")
    if isinstance(found.loop.iter, cst.Tuple) and not found.loop.iter.lpar:
        raise Refusal("RI104", "the loop goes over a tuple without parentheses")


def effect_of(site: cst.Call, context: Context) -> str | None:
    """Why a task may not run before its turn."""
    assert isinstance(site.func, cst.Attribute)
    name = site.func.value
    text = context.source.code(name)
    if not isinstance(name, cst.Name):
        return f"`{text}` has options of its own, or stands in another file"
    binder = context.names.only_binder(name)
    if isinstance(binder, cst.Assign) and isinstance(binder.value, cst.Call) and len(binder.value.args) == 1:
        given = binder.value.args[0].value
        target = context.names.only_binder(given) if isinstance(given, cst.Name) else None
        if isinstance(target, cst.FunctionDef) and not target.decorators:
            options = binder.value.func.args if isinstance(binder.value.func, cst.Call) else ()
            return _reason(text, target, list(options), context)
    if not isinstance(binder, cst.FunctionDef) or len(binder.decorators) != 1:
        return f"the code of `{text}` is not known"
    decorator = binder.decorators[0].decorator
    return _reason(text, binder, list(decorator.args) if isinstance(decorator, cst.Call) else [], context)


def _reason(text: str, function: cst.FunctionDef, options: list[cst.Arg], context: Context) -> str | None:
    if any(option.keyword is None or option.keyword.value not in _PLAIN_OPTIONS for option in options):
        return f"`{text}` has options of its own"
    effect = effect_of_task(function, context.names)
    return None if effect is None else f"`{text}` {effect}"
