"""Gets whose values go into nothing but arguments of `.remote`: `y = ray.get(f.remote(x))`, then `g.remote(y)`.

The get stays where it is, and what the name holds afterwards may be the ref of a large value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import libcst as cst

from rayinfer.facts.flow import Definition, surely_bind
from rayinfer.facts.walk import statement_of
from rayinfer.ir.graph import Evaluation
from rayinfer.patterns.awaited import awaits
from rayinfer.patterns.callee import callee_of, is_submission, makers_of
from rayinfer.patterns.context import BY_HANDLERS, Context, Refusal
from rayinfer.patterns.single import assigned_name

VALID = (
    ("y = ray.get(f.remote(1))\nprint(ray.get(step.remote(y)))", "passed"),
    ("y = ray.get(f.remote(1))\nprint(ray.get([step.remote(y) for _ in range(4)]))", "passed"),
    ("print(ray.get(step.remote(ray.get(f.remote(1)))))", "passed"),
    ("y = ray.get(f.remote(1))\na = Counter.remote(y)\na.add.remote(k=y)", "passed"),
    ("a = [Counter.remote() for _ in names]\ny = ray.get(f.remote(1))\n[b.add.remote(y) for b in a]", "passed"),
    ("for y in ray.get([ray.put(n) for n in names]):\n    step.remote(y)", "passed_each"),
    ("ys = ray.get([ray.put(n) for n in names])\nprint(ray.get([step.remote(y) for y in ys]))", "passed_each"),
    ("ys = ray.get([ray.put(n) for n in names])\nfor n, y in zip(names, ys):\n    step.remote(y)", "passed_each"),
)
INVALID = (
    ("y = ray.get(f.remote(1))\nprint(y, ray.get(step.remote(y)))", "RI101"),
    ("y = ray.get(f.remote(1))\nunknown(1).remote(y)", "RI119"),
)


@dataclass(eq=False)
class Passed:
    """A get that is passed on: `to` are the names of the tasks and classes that what it gives goes to.

    With `each`, it is a list that is got, and gone over. `site` is the submission that is got, or else the get, and
    `evaluation` its item of the IR.
    """

    get: cst.Call
    site: cst.Call
    each: bool
    to: tuple[str, ...]
    evaluation: Evaluation


@dataclass(eq=False)
class _Uses:
    """What becomes of the value of a get: what takes it, and the names that hold it meanwhile."""

    takers: list[cst.Call] = field(default_factory=list)
    names: list[cst.Name] = field(default_factory=list)


class _Elsewhere(Exception):
    """Something else than a submission uses a value."""


# Who else may read a name that a statement binds, besides what follows in its block; None when nobody can.
Seen = Callable[[cst.Name, cst.CSTNode, Definition | None], str | None]


def gets(sites: Sequence[cst.Call], context: Context, seen_by: Seen) -> tuple[list[Passed], dict[int, str | None]]:
    """The gets of a block that are passed on to its submissions, and why others are not, by the identity of the call.

    Those whose values anything else uses are in neither.
    """
    found: list[Passed] = []
    refused: dict[int, str | None] = {}
    looked_at: set[int] = set()
    for site in sites:
        for arg in site.args:
            for get, each in _sources(arg.value, context) if not arg.star else ():
                if id(get) in looked_at:
                    continue
                looked_at.add(id(get))
                try:
                    found.append(_passed(get, each, context, seen_by))
                except Refusal as refusal:
                    refused[id(get)] = refusal.message
                except _Elsewhere:
                    pass
    return found, refused


def _sources(value: cst.BaseExpression, context: Context) -> Iterator[tuple[cst.Call, bool]]:
    """The gets that an argument may come from, and whether it is an element of what they give."""
    if _is_get(value, context):
        yield value, False  # type: ignore[misc]
    elif isinstance(value, cst.Name):
        over = iterated(value, context)
        if over is None:
            yield from ((get, False) for get in _assigned(value, context))
        elif _is_get(over, context):
            yield over, True  # type: ignore[misc]
        elif isinstance(over, cst.Name):
            yield from ((get, True) for get in _assigned(over, context))


def _is_get(node: cst.CSTNode | None, context: Context) -> bool:
    """Whether this is a `ray.get` of one thing, to which another argument can be added."""
    taken = awaits(node, context) if isinstance(node, cst.Call) else None
    return taken is not None and not isinstance(taken, cst.GeneratorExp)


def _assigned(name: cst.Name, context: Context) -> Iterator[cst.Call]:
    for definition in context.reaching(name):
        target = assigned_name(definition.stmt)
        value = getattr(definition.stmt, "value", None)
        if target is not None and target is definition.node and isinstance(value, cst.Call) and _is_get(value, context):
            yield value


def _passed(get: cst.Call, each: bool, context: Context, seen_by: Seen) -> Passed:
    """Raises a refusal where what a get gives may not be a ref, and `_Elsewhere` where not only submissions use it."""
    uses = _Uses()
    target = assigned_name(context.parent(get))
    if target is not None:
        _of_name(target, context.parent(get), each, uses, context, seen_by)
    elif each:
        _of_list(get, uses, context, seen_by)
    else:
        _take(get, uses, context)
    if not uses.takers:
        raise _Elsewhere
    to = [name for taker in uses.takers for name in _known(taker, context)]
    inline = target is None and not each
    unbound = next((name.value for name in to if not inline and not _is_bound(name, get, context)), None)
    if unbound is not None:
        raise Refusal("RI119", f"`{unbound}` may not be bound yet where the get stands")
    _check_code(context)
    _check_sessions(uses.names, context)
    names = tuple(dict.fromkeys(name.value for name in to))
    shown = target.value if target is not None else uses.names[0].value if uses.names else f"to {names[0]}"
    line = context.source.span(get).line
    evaluation = Evaluation(line, "ray.get: what it gives is passed on", passed=(shown,))
    got = awaits(get, context)
    site = got if isinstance(got, cst.Call) and is_submission(got, context) else get
    return Passed(get, site, each, names, evaluation)


def _of_name(
    target: cst.Name, stmt: cst.CSTNode | None, each: bool, uses: _Uses, context: Context, seen_by: Seen
) -> None:
    """Adds what the uses of a name are; its value is a list whose elements are used when it is for `each`."""
    definition = context.flow.definition_at(target)
    reads = context.flow.uses(definition) if definition is not None else []
    if stmt is None or not reads:
        raise _Elsewhere
    seen = seen_by(target, stmt, definition)
    if seen == BY_HANDLERS:
        # Whatever reads the name: which of them an exception leads to does not matter then.
        scopes = context.scopes
        occurrences = scopes.occurrences(context.flow.scope, scopes.spelling(target))
        reads = [name for name in occurrences if scopes.kind_of(name) in (None, "augmented")]
    for read in reads:
        if each:
            _of_list(read, uses, context, seen_by)
        else:
            _take(read, uses, context)
    if seen is not None and seen != BY_HANDLERS:
        raise Refusal("RI119", f"`{target.value}` may be read {seen}")
    uses.names.append(target)


def _of_list(value: cst.BaseExpression, uses: _Uses, context: Context, seen_by: Seen) -> None:
    """Adds the uses of the elements of a list, one of whose own uses this is."""
    arg = context.parent(value)
    call = context.parent(arg) if isinstance(arg, cst.Arg) and not arg.star else None
    if isinstance(call, cst.Call) and context.names.dotted(call.func) == "builtins.len":
        return
    loop = loop_over(value, context)
    part = next((part for part in _parts(loop.target, loop.iter, context) if part[1] is value), None) if loop else None
    if loop is None or part is None or not isinstance(part[0], cst.Name) or loop.asynchronous is not None:
        raise _Elsewhere
    variable = part[0]
    if isinstance(loop, cst.For):
        # A list may also be gone over for its length alone.
        definition = context.flow.definition_at(variable)
        if definition is None or context.flow.uses(definition):
            _of_name(variable, loop, False, uses, context, seen_by)
        return
    scope = context.scopes.owner(variable)
    spelling = context.scopes.spelling(variable)
    if scope is None or len(context.scopes.stores(scope, spelling)) != 1:
        raise _Elsewhere
    for name in context.scopes.occurrences(scope, spelling):
        if not context.scopes.is_store(name):
            _take(name, uses, context)
            _check_at_once(name, scope.node, context)
    uses.names.append(variable)


def _take(value: cst.BaseExpression, uses: _Uses, context: Context) -> None:
    arg = context.parent(value)
    call = context.parent(arg) if isinstance(arg, cst.Arg) and not arg.star else None
    if not isinstance(call, cst.Call) or not is_submission(call, context):
        raise _Elsewhere
    uses.takers.append(call)


def _check_at_once(name: cst.CSTNode, top: cst.CSTNode, context: Context) -> None:
    """Raises a refusal where a comprehension's variable is read after it."""
    node: cst.CSTNode | None = name
    while node is not None:
        later = isinstance(node, cst.GeneratorExp) and context.taker_of(node) is None
        if later or isinstance(node, cst.Lambda):
            raise Refusal("RI119", "a lambda or a generator passes it on later")
        if node is top:
            return
        node = context.parent(node)


def loop_over(value: cst.CSTNode, context: Context) -> cst.For | cst.CompFor | None:
    """The loop that goes over an expression, alone or beside others in `zip` or `enumerate`."""
    child, node = value, context.parent(value)
    while isinstance(node, cst.Arg | cst.Call):
        if isinstance(node, cst.Call) and context.names.dotted(node.func) not in ("builtins.zip", "builtins.enumerate"):
            return None
        child, node = node, context.parent(node)
    return node if isinstance(node, cst.For | cst.CompFor) and node.iter is child else None


def iterated(name: cst.Name, context: Context) -> cst.BaseExpression | None:
    """What a loop's variable takes the items of, where only one loop may have bound it."""
    scope = context.scopes.owner(name)
    if scope is context.flow.scope:
        reaching = list(context.reaching(name))
        bound = reaching[0].node if len(reaching) == 1 and reaching[0].kind == "for" else None
    else:
        stores = context.scopes.stores(scope, context.scopes.spelling(name)) if scope is not None else []
        bound = stores[0] if len(stores) == 1 else None
    node = bound
    while node is not None and not isinstance(node, cst.For | cst.CompFor | cst.BaseStatement):
        node = context.parent(node)
    if not isinstance(node, cst.For | cst.CompFor):
        return None
    return next((over for part, over in _parts(node.target, node.iter, context) if part is bound), None)


def _parts(
    target: cst.BaseExpression, over: cst.BaseExpression, context: Context
) -> Iterator[tuple[cst.BaseExpression, cst.BaseExpression]]:
    """The parts of a loop's target, each with what it takes the items of."""
    yield target, over
    if not isinstance(target, cst.Tuple) or not isinstance(over, cst.Call):
        return
    elements = [element.value for element in target.elements if isinstance(element, cst.Element)]
    given = [arg.value for arg in over.args if not arg.star and arg.keyword is None]
    if len(elements) != len(target.elements):
        return
    dotted = context.names.dotted(over.func)
    if dotted == "builtins.zip" and len(given) == len(elements) and not any(arg.star for arg in over.args):
        pairs: Iterable[tuple[cst.BaseExpression, cst.BaseExpression]] = zip(elements, given, strict=True)
    elif dotted == "builtins.enumerate" and len(elements) == 2 and given:
        pairs = [(elements[1], given[0])]
    else:
        return
    for part, items in pairs:
        yield from _parts(part, items, context)


def _known(site: cst.Call, context: Context) -> list[cst.Name]:
    """The names of the tasks and actor classes of this file that a submission may go to.

    Raises:
        Refusal: when it may be something else, which may look at its arguments.
    """
    assert isinstance(site.func, cst.Attribute)
    text = context.source.shown(site.func.value)
    unknown = Refusal("RI119", f"`{text}` is not known to be a task or an actor of this file")
    callee = callee_of(site, context)
    if callee.kind in ("task", "actor"):
        makers: list[cst.BaseExpression | None] = [callee.target]
    else:
        target = callee.target
        receiver = target.value if isinstance(target, cst.Attribute) else None
        makers = _makers(receiver, context) if receiver is not None else []
    found = [maker for maker in makers if isinstance(maker, cst.Name) and _is_of_file(maker, context)]
    if not found or len(found) != len(makers):
        raise unknown
    return found


def _is_of_file(maker: cst.Name, context: Context) -> bool:
    definition = context.names.remote_definition(maker)
    return definition is not None and definition.file is None


def _makers(receiver: cst.BaseExpression, context: Context) -> list[cst.BaseExpression | None]:
    """What made the actors that a name, or an item of a list, may hold."""
    if isinstance(receiver, cst.Subscript):
        return _makers_of_items(receiver.value, context)
    over = iterated(receiver, context) if isinstance(receiver, cst.Name) else None
    found = _makers_of_items(over, context) if over is not None else makers_of(receiver, context)
    classes = [context.names.remote_definition(maker) if maker is not None else None for maker in found]
    return found if all(made is not None and made.kind == "actor" for made in classes) else []


def _makers_of_items(handles: cst.BaseExpression, context: Context) -> list[cst.BaseExpression | None]:
    """What makes the items of a list of actors that this block makes and only looks at."""
    if not isinstance(handles, cst.Name) or context.scopes.owner(handles) is not context.flow.scope:
        return []
    found: list[cst.BaseExpression | None] = []
    for definition in context.reaching(handles):
        value = getattr(definition.stmt, "value", None)
        target = assigned_name(definition.stmt)
        if target is None or target is not definition.node or not isinstance(value, cst.ListComp):
            return []
        if not isinstance(value.elt, cst.Call) or not is_submission(value.elt, context):
            return []
        if id(definition) not in context.looked_at:
            uses = context.flow.uses(definition)
            context.looked_at[id(definition)] = all(_only_looks_at_list(use, context) for use in uses)
        if not context.looked_at[id(definition)]:
            return []
        try:
            made_by = callee_of(value.elt, context)
        except Refusal:
            return []
        found.append(made_by.target if made_by.kind == "actor" else None)
    return found


def _only_looks_at_list(use: cst.Name, context: Context) -> bool:
    parent = context.parent(use)
    if context.scopes.place(use).kind not in ("module", "function", "comprehension"):
        return False
    if isinstance(parent, cst.Subscript):
        method = context.parent(parent)
        return parent.value is use and isinstance(method, cst.Attribute)
    call = context.parent(parent) if isinstance(parent, cst.Arg) else None
    if isinstance(call, cst.Call) and context.names.dotted(call.func) == "builtins.len":
        return True
    return loop_over(use, context) is not None


def _is_bound(name: cst.Name, get: cst.Call, context: Context) -> bool:
    """Whether a name of a task or class is bound where a get stands; of a module, once its functions are called."""
    owner = context.scopes.owner(name)
    if owner is not context.flow.scope:
        return owner is context.scopes.module
    stmt = statement_of(get, context.parents)
    reaching = context.flow.reaching_before(stmt, context.scopes.spelling(name)) if stmt is not None else ()
    return surely_bind(reaching)


def _check_code(context: Context) -> None:
    """Raises a refusal where code of the file may see that a value is pickled once less, or dropped at once.

    Also in the code of a task or an actor, where each worker would load rayinfer for it.
    """
    node: cst.CSTNode | None = context.flow.block
    while node is not None:
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            if context.names.remote_definition(node.name) is not None:
                name = node.name.value
                raise Refusal("RI119", f"it is got by `{name}`, and each worker would load rayinfer for that alone")
        node = context.parent(node)
    hook = context.lifetimes.hook
    if hook is not None:
        raise Refusal("RI119", f"`{hook}` in this file may tell how often a value is pickled, or when it is dropped")


def _check_sessions(names: Sequence[cst.Name], context: Context) -> None:
    """Raises a refusal where what a ref stands for may be gone while a name holds it."""
    for call, block in context.lifetimes.ends:
        text = context.source.shown(call)
        if block is context.flow.block:
            stmt = statement_of(call, context.parents)
            spellings = [context.scopes.spelling(name) for name in names]
            live = stmt is None or any(context.flow.is_live_after(stmt, spelling) for spelling in spellings)
        else:
            # Code of the module runs before its functions are called, and after.
            live = not isinstance(block, cst.Module)
        if live and names:
            raise Refusal("RI119", f"`{text}` may come before the value is passed on")
