"""The callee of a `.remote` call: a remote function, an actor class, or a method of an actor."""

from __future__ import annotations

import libcst as cst

from rayinfer.facts.effects import impure_part
from rayinfer.facts.syntax import children
from rayinfer.patterns.context import Callee, Candidate, Context, Loop, Refusal


def is_submission(node: cst.CSTNode, context: Context) -> bool:
    """Whether a node is a call `x.remote(...)` that is not a call of `ray.remote` itself."""
    return (
        isinstance(node, cst.Call)
        and isinstance(node.func, cst.Attribute)
        and node.func.attr.value == "remote"
        and not context.names.may_be(node.func, "ray.remote")
    )


def callee_of(site: cst.Call, context: Context, receivers: frozenset[str] = frozenset()) -> Callee:
    """What a submission calls. `receivers` are the names that stand for an actor of the list that is looped over.

    Raises:
        Refusal: when that is not known, or its calls give several refs.
    """
    assert isinstance(site.func, cst.Attribute)
    target = site.func.value
    if isinstance(target, cst.Call) and isinstance(target.func, cst.Attribute) and target.func.attr.value == "options":
        kind = _definition_kind(target.func.value, context)
        _refuse_options(target, context)
        return Callee(kind, context.source.code(target))
    if isinstance(target, cst.Attribute) and isinstance(target.value, cst.Name) and target.value.value in receivers:
        if target.attr.value.startswith("__") and not target.attr.value.endswith("__"):
            raise Refusal("RI104", f"the name `{target.attr.value}` is private to its class")
        return Callee("method", target.attr.value, target.value)
    return Callee(_definition_kind(target, context), context.source.code(target))


def _definition_kind(target: cst.BaseExpression, context: Context) -> str:
    definition = context.names.remote_definition(target)
    text = " ".join(context.source.code(target).split())
    if definition is None and isinstance(target, cst.Attribute):
        raise Refusal("RI102", f"`{text}` is not a method of the actors that a loop goes over, nor a task of this file")
    if definition is None:
        raise Refusal("RI102", f"`{text}` is not known to be one remote function or actor class of this file")
    if definition.several:
        raise Refusal("RI106", f"`{text}` returns several refs a call")
    if not _is_bound(target, definition.node, context):
        raise Refusal("RI102", f"`{text}` may not be defined yet where the group would name it")
    return definition.kind


def _is_bound(target: cst.BaseExpression, binder: cst.CSTNode, context: Context) -> bool:
    """Whether a callee's name is surely bound: a group names its task even when it turns out to have no members."""
    while isinstance(target, cst.Attribute):
        target = target.value  # of a module, which has all its names once it is imported
    reaching = context.reaching(target) if isinstance(target, cst.Name) else ()
    if reaching:
        return not any(definition.kind in ("entry", "del") for definition in reaching)
    suite = context.parent(binder)
    if isinstance(suite, cst.SimpleStatementLine):
        suite = context.parent(suite)
    holder = context.parent(suite) if isinstance(suite, cst.IndentedBlock) else suite
    return isinstance(holder, cst.Module | cst.FunctionDef) or context.under_main_guard(binder)


def _refuse_options(call: cst.Call, context: Context) -> None:
    for arg in call.args:
        if arg.keyword is None:
            raise Refusal("RI107", "options are not written as keyword arguments")
        if arg.keyword.value == "num_returns" and not (isinstance(arg.value, cst.Integer) and arg.value.value == "1"):
            raise Refusal("RI106", "`num_returns` gives several refs a call")
        if impure_part(arg.value, context.names) is not None:
            raise Refusal("RI107", f"option `{arg.keyword.value}` is computed by a call")


def check_options(candidate: Candidate, site: cst.Call, loop: Loop, context: Context) -> None:
    """Raises a refusal when options, which are evaluated where the group starts, differ there from a member's."""
    target = site.func.value  # type: ignore[attr-defined]
    if not isinstance(target, cst.Call):
        return
    for arg in target.args:
        for name in names_in(arg.value):
            moved = bool(candidate.fills) and (
                context.reaching(name) != context.flow.reaching_before(candidate.stmt, context.scopes.spelling(name))
            )
            if name.value in loop.bound or moved:
                raise Refusal(
                    "RI107", f"option `{arg.keyword.value if arg.keyword else '*'}` differs from member to member"
                )
            if context.groups_reaching(name):
                raise Refusal("RI107", f"the options read the group `{name.value}`")


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
