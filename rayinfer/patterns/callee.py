"""The callee of a `.remote` call: a remote function, an actor class, or a method of an actor."""

from __future__ import annotations

from pathlib import PurePath

import libcst as cst

from rayinfer.facts.effects import impure_part, takes_apart
from rayinfer.facts.remotes import RemoteDefinition, gives_list
from rayinfer.facts.syntax import children, clauses, root_of
from rayinfer.patterns.context import Callee, Context, Details, Loop, Refusal


def is_submission(node: cst.CSTNode, context: Context) -> bool:
    """Whether a node is a call `x.remote(...)` that is not a call of `ray.remote` itself."""
    return (
        isinstance(node, cst.Call)
        and isinstance(node.func, cst.Attribute)
        and node.func.attr.value == "remote"
        and not context.names.may_be(node.func, "ray.remote")
    )


def callee_of(
    site: cst.Call, context: Context, varying: frozenset[str] = frozenset(), group: tuple[int, int] | None = None
) -> Callee:
    """What a submission calls. `varying` are the names that differ from member to member.

    A method is one of something that differs. What is neither that nor defined in this file is `unknown`: a task or an
    actor class, as is seen when it runs; so is what is bound anew somewhere in the text that a whole `group` spans,
    from where its task would be named to its end.

    Raises:
        Refusal: when the callee differs from member to member, or gives several refs a call that are no list.
    """
    assert isinstance(site.func, cst.Attribute)
    _refuse_taking_apart(site, context)
    whole = target = site.func.value
    options, counts = None, []
    if isinstance(target, cst.Call) and isinstance(target.func, cst.Attribute) and target.func.attr.value == "options":
        options, target = target, target.func.value
        _refuse_options(options, context)
        counts = [arg.value for arg in options.args if arg.keyword is not None and arg.keyword.value == "num_returns"]
    text = context.source.shown(target)
    definition = context.names.remote_definition(target)
    if definition is not None and definition.several and not definition.listed:
        raise Refusal("RI106", f"`{text}` returns several refs a call, which are no list")
    shown = options is None or all(arg.keyword is not None for arg in options.args)
    several = any(map(gives_list, counts)) or (definition is not None and definition.several and not counts)
    differs = next((name.value for name in names_in(target) if name.value in varying), None)
    if definition is not None and (differs is not None or (group is not None and _is_rebound(target, group, context))):
        return Callee("unknown", context.source.code(whole), target, options=options, several=several)
    if definition is not None and _is_bound(target, definition.node, context):
        return Callee(
            definition.kind,
            context.source.code(whole),
            target,
            options=options,
            file=definition.file,
            several=several,
            counted=all(isinstance(count, cst.Integer) for count in counts) if counts else definition.counted and shown,
        )
    of_one = isinstance(target, cst.Attribute) and is_one_handle(target.value, context)
    is_method = isinstance(target, cst.Attribute) and (differs is not None or of_one)
    # The method of an actor is looked up at run time, after what is pending where that may run code of the program.
    effect = impure_part(target.value if is_method and isinstance(target, cst.Attribute) else target, context.names)
    if effect is not None:
        raise Refusal("RI102", f"in `{text}`, {context.describe(effect)}")
    if (differs is None and not of_one) or not isinstance(target, cst.Attribute):
        return Callee("unknown", context.source.code(whole), target, options=options, several=several)
    if target.attr.value.startswith("__") and not target.attr.value.endswith("__"):
        raise Refusal("RI104", f"the name `{target.attr.value}` is private to its class")
    if several:
        raise Refusal("RI106", f"`{target.attr.value}` returns several refs a call")
    return Callee("method", target.attr.value, target, target.value, options)


def is_one_handle(node: cst.BaseExpression, context: Context) -> bool:
    """Whether an expression is a name that holds, on every path, what one `.remote(...)` or `ray.get_actor` gave."""
    found = _values_of(node, context)
    return bool(found) and all(_gives_handle(value, context) for value in found)


def classes_of(node: cst.BaseExpression, context: Context) -> list[RemoteDefinition | None]:
    """The actor classes of the one handle that a name holds, path by path; None where the file does not show one."""
    found = [context.names.remote_definition(maker) if maker else None for maker in makers_of(node, context)]
    return [made if made is not None and made.kind == "actor" else None for made in found]


def makers_of(node: cst.BaseExpression, context: Context) -> list[cst.BaseExpression | None]:
    """What the calls of `.remote` that gave a name its one handle were made on, path by path, without options."""
    found: list[cst.BaseExpression | None] = []
    for value in _values_of(node, context):
        target = value.func.value if isinstance(value, cst.Call) and isinstance(value.func, cst.Attribute) else None
        if isinstance(target, cst.Call) and isinstance(target.func, cst.Attribute):
            target = target.func.value if target.func.attr.value == "options" else None
        found.append(target)
    return found


def _values_of(node: cst.BaseExpression, context: Context) -> list[cst.CSTNode | None]:
    """What is assigned to a name by the definitions that a read of it may see."""
    found = context.reaching(node) if isinstance(node, cst.Name) else ()
    return [getattr(definition.stmt, "value", None) for definition in found]


def _gives_handle(value: cst.CSTNode | None, context: Context) -> bool:
    if not isinstance(value, cst.Call):
        return False
    return is_submission(value, context) or context.names.dotted(value.func) == "ray.get_actor"


def _is_bound(target: cst.BaseExpression, binder: cst.CSTNode, context: Context) -> bool:
    """Whether a callee's name is surely bound: a group names its task even when it turns out to have no members."""
    # A module has all its names once it is imported.
    target, _ = root_of(target)
    reaching = context.reaching(target) if isinstance(target, cst.Name) else ()
    if reaching:
        return not any(definition.unbinds for definition in reaching)
    suite = context.parent(binder)
    if isinstance(suite, cst.SimpleStatementLine):
        suite = context.parent(suite)
    holder = context.parent(suite) if isinstance(suite, cst.IndentedBlock) else suite
    return isinstance(holder, cst.Module | cst.FunctionDef) or context.under_main_guard(binder)


def _refuse_taking_apart(site: cst.Call, context: Context) -> None:
    """Raises a refusal where code of this file may run as a loop around a call takes its next item apart."""
    node: cst.CSTNode | None = site
    while context.names.hooks.iteration and node is not None and not isinstance(node, cst.FunctionDef | cst.ClassDef):
        loops: list[cst.For | cst.CompFor] = [node] if isinstance(node, cst.For) else []
        if isinstance(node, cst.BaseComp):
            loops.extend(clauses(node))
        for loop in loops:
            if takes_apart(loop.target, loop.iter, context.names):
                over = context.source.shown(loop.iter)
                raise Refusal("RI103", f"taking the items of `{over}` apart may run code of this file")
        node = context.parent(node)


def _is_rebound(target: cst.BaseExpression, group: tuple[int, int], context: Context) -> bool:
    """Whether a callee's name is bound in the text of a group, or by another function that may be called there."""
    target, _ = root_of(target)
    scopes = context.scopes
    owner = scopes.owner(target) if isinstance(target, cst.Name) else None
    if owner is None or not isinstance(target, cst.Name):
        return False
    stores = scopes.stores(owner, scopes.spelling(target))
    begin, end = group
    return len(stores) > 1 and any(
        scopes.place(name) is not owner or begin < context.source.offsets(name)[0] < end for name in stores
    )


def _refuse_options(call: cst.Call, context: Context) -> None:
    if not call.args:
        raise Refusal("RI107", "no option is given")
    for arg in call.args:
        if arg.keyword is None and arg.star != "**":
            raise Refusal("RI107", "options are not written as keyword arguments")
        name = arg.keyword.value if arg.keyword is not None else "**"
        one = isinstance(arg.value, cst.Integer) and arg.value.value == "1"
        if name == "num_returns" and not one and not gives_list(arg.value):
            raise Refusal("RI106", f"`num_returns={context.source.code(arg.value)}` gives no list of refs")
        effect = impure_part(arg.value, context.names)
        if effect is not None:
            raise Refusal("RI107", f"in option `{name}`, {context.describe(effect)}")


def name_callee(callee: Callee, loop: Loop, found: Details, context: Context) -> None:
    """Decides whether each member says what it calls, and notes what is taken for granted.

    Raises:
        Refusal: when the callee or its options read a ref that the rewritten loop only has by name.
    """
    parts: list[cst.BaseExpression] = [arg.value for arg in callee.options.args] if callee.options is not None else []
    if not isinstance(callee.receiver, cst.Name):
        parts.append(callee.target)
    hidden = next((name.value for part in parts for name in names_in(part) if name.value in loop.members), None)
    if hidden is not None:
        raise Refusal("RI105", f"`{hidden}` stands for a ref and is not an argument of its own")
    # What it gives is seen only with the call.
    named = callee.options is not None or callee.kind == "unknown" or callee.file is not None or callee.several
    found.named = found.named or named
    text = context.source.shown(callee.target)
    if callee.kind == "unknown":
        found.assumed = f"`{text}` is taken for a task or an actor class"
    elif callee.file is not None:
        # What is imported when it runs may be another file than the one that was read.
        what = "the task" if callee.kind == "task" else "the actor class"
        found.assumed = f"`{text}` is taken for {what} of {PurePath(callee.file).name}"
    elif callee.options is not None and any(arg.keyword is None for arg in callee.options.args) and not callee.several:
        found.assumed = f"the options of `{text}` are taken to leave one result a call"


def names_in(node: cst.CSTNode) -> list[cst.Name]:
    """The names read in an expression, attribute and keyword names left out."""
    found: list[cst.Name] = []
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, cst.Name):
            found.append(current)
        else:
            stack.extend(reversed(children(current)))
    return found
