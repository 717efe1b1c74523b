"""What takes the ref of a submission: the expression around it, also where the next statement takes it by a name."""

from __future__ import annotations

import builtins
from dataclasses import dataclass

import libcst as cst

from rayinfer.facts.effects import impure_part
from rayinfer.facts.walk import walk
from rayinfer.patterns.callee import is_submission, names_in
from rayinfer.patterns.context import Context, Refusal
from rayinfer.patterns.owned import is_nested
from rayinfer.patterns.single import assigned_name

_CERTAIN = (cst.Name, cst.Integer, cst.SimpleString)
_CONSTANT = (cst.Integer, cst.SimpleString)


@dataclass(frozen=True)
class Ref:
    """Where a submission's ref is read: the call itself, or a name that `binder`, the statement before, binds to it."""

    node: cst.BaseExpression
    binder: cst.CSTNode | None = None


def ref_of(site: cst.Call, context: Context) -> Ref:
    """The one place that sees the ref of a submission, where that is the next statement; else the submission itself."""
    stmt = context.parent(site)
    name = assigned_name(stmt)
    own = context.flow.definition_at(name) if name is not None else None
    if stmt is None or name is None or own is None or context.names.is_shared(name):
        return Ref(site)
    if context.exported and not context.under_main_guard(stmt):
        return Ref(site)
    uses = context.flow.uses(own)
    if len(uses) != 1 or set(context.flow.reaching(uses[0])) != {own} or not _is_next(stmt, uses[0], context):
        return Ref(site)
    occurrences = context.scopes.occurrences(context.flow.scope, context.scopes.spelling(name))
    if context.scopes.owner(name) is not context.flow.scope or any(is_nested(one, context) for one in occurrences):
        return Ref(site)
    return Ref(uses[0], stmt)


def _is_next(stmt: cst.CSTNode, use: cst.Name, context: Context) -> bool:
    """Whether a name is read in the statement that follows another one in the same suite."""
    taker: cst.CSTNode | None = use
    while taker is not None and not isinstance(taker, cst.SimpleStatementLine):
        if isinstance(taker, cst.Lambda | cst.BaseComp | cst.BaseCompoundStatement):
            return False
        taker = context.parent(taker)
    line = context.parent(stmt)
    suite = context.parent(line) if line is not None else None
    if not isinstance(line, cst.SimpleStatementLine) or not isinstance(taker, cst.SimpleStatementLine):
        return False
    if not isinstance(suite, cst.IndentedBlock | cst.Module) or len(line.body) != 1 or len(taker.body) != 1:
        return False
    follows = next((after for one, after in zip(suite.body, suite.body[1:], strict=False) if one is line), None)
    return follows is taker


def row_around(ref: Ref, context: Context) -> cst.BaseExpression | None:
    """The tuple, list or dict that is written out around a ref; None where there is none."""
    element = context.parent(ref.node)
    row = context.parent(element) if element is not None else None
    if isinstance(element, cst.Element) and isinstance(row, cst.Tuple | cst.List):
        return row
    if isinstance(element, cst.DictElement) and isinstance(row, cst.Dict) and element.value is ref.node:
        return row
    return None


def choice_around(site: cst.Call, context: Context) -> cst.IfExp | None:
    """The conditional expression that decides whether a submission is made; None where there is none."""
    choice = context.parent(site)
    return choice if isinstance(choice, cst.IfExp) and choice.test is not site else None


def beside_in(row: cst.BaseExpression, ref: Ref, context: Context) -> tuple[cst.BaseExpression, ...]:
    """What stands beside a ref in a tuple, list or dict that is written out around it.

    Raises:
        Refusal: when something of that has an effect, is another submission, or may raise after the submission.
    """
    assert isinstance(row, cst.Tuple | cst.List | cst.Dict)
    elements = row.elements
    if not all(isinstance(e, cst.Element | cst.DictElement) for e in elements):
        raise Refusal("RI104", "the submission is one of several items that others are unpacked beside")
    keys = [e.key for e in elements if isinstance(e, cst.DictElement)]
    constants = {key.evaluated_value for key in keys if isinstance(key, _CONSTANT)}
    if len(constants) < len(keys):
        raise Refusal("RI104", "the submission is one value of a dict whose keys are no different constants")
    found: list[cst.BaseExpression] = []
    after = ref.binder is not None
    for value in (e.value for e in elements):
        if value is ref.node:
            after = True
        else:
            check_beside(value, context, after)
            found.append(value)
    return tuple(found)


def check_beside(value: cst.BaseExpression, context: Context, after: bool) -> None:
    """Raises a refusal for what stands beside a ref and has an effect, or may raise `after` the submission."""
    if any(is_submission(part, context) for part in walk(value)):
        raise Refusal("RI104", "several submissions make one item")
    effect = impure_part(value, context.names)
    if effect is not None:
        raise Refusal("RI103", f"beside the call, {context.describe(effect)}")
    if after and (not is_certain(value) or may_be_unbound(value, context)):
        raise Refusal("RI103", f"`{context.source.code(value)}` is computed after the call, and may raise")


def is_certain(node: cst.BaseExpression) -> bool:
    """Whether evaluating an expression of plain values cannot raise."""
    if isinstance(node, cst.Tuple):
        return all(isinstance(e, cst.Element) and is_certain(e.value) for e in node.elements)
    if isinstance(node, cst.BinaryOperation):
        simple = isinstance(node.operator, cst.Add | cst.Subtract | cst.Multiply)
        return simple and is_certain(node.left) and is_certain(node.right)
    if isinstance(node, cst.FormattedString):
        parts = [part.expression for part in node.parts if isinstance(part, cst.FormattedStringExpression)]
        return all(map(is_certain, parts))
    if isinstance(node, cst.UnaryOperation):
        return isinstance(node.operator, cst.Minus) and is_certain(node.expression)
    if isinstance(node, cst.Attribute):
        return is_certain(node.value)
    return isinstance(node, _CERTAIN)


def may_be_unbound(node: cst.BaseExpression, context: Context) -> bool:
    """Whether an expression reads a name that some path leaves unbound, or that nothing binds."""
    names = names_in(node)
    if any(each.unbinds for name in names for each in context.reaching(name)):
        return True
    free = [name.value for name in names if context.scopes.owner(name) is None]
    return any(not hasattr(builtins, name) and not context.scopes.has_star_import for name in free)
