"""A container of the program's own takes in a loop's refs: `self.refs.append(f.remote(x))`, `self.table[x] = ...`."""

from __future__ import annotations

import libcst as cst

from rayinfer.facts.syntax import root_of
from rayinfer.facts.walk import walk
from rayinfer.patterns.callee import is_submission
from rayinfer.patterns.comprehension import node_of, refuse_effect
from rayinfer.patterns.context import Candidate, Context, Fill, Refusal
from rayinfer.patterns.filling import filled_by
from rayinfer.patterns.slots import assignment_of, refuse_key
from rayinfer.patterns.taken import Ref, beside_in, check_beside, is_certain, may_be_unbound, ref_of, row_around

VALID = (
    ("def go(self):\n    for n in names:\n        self.refs.append(f.remote(n))", "Map"),
    ("def go(self):\n    for n in names:\n        self.table[n] = f.remote(n)", "Map"),
    ("def go(self):\n    for n in names:\n        self.state.table[f.remote(n)] = n", "Map"),
    (
        "def go(self):\n    for n in names:\n        ref = f.remote(self.n)\n        self.refs.append((n, ref))",
        "Map",
    ),
    ("def go(self):\n    for i in range(8):\n        self.actors.append(Counter.remote(i))", "InitActors"),
)
INVALID = (
    ("def go(self):\n    for n in names:\n        self.refs.append(f.remote(self.refs[-1]))", "RI113"),
    ("def go(self):\n    for n in names:\n        self.refs.append(f.remote(str(self)))", "RI113"),
    ("def go(self):\n    for n in self.refs:\n        self.refs.append(f.remote(n))", "RI113"),
    ("def go(self):\n    for n in names:\n        self.refs.append(f.remote(getattr(n, 'refs')))", "RI113"),
    ("def go(self):\n    for n in names:\n        n.refs.append(f.remote(1))", "RI113"),
    ("def go(self):\n    for n in names:\n        self.refs.append(f.remote(n))\n        note(n)", "RI113"),
    ("def go(self):\n    for n in names:\n        self.table[n[0]] = f.remote(n)", "RI103"),
)
_CODE = "RI108"
# Builtins that look at objects by the names of their attributes, and copies that go through all of them.
_LOOKING = frozenset({"builtins.getattr", "builtins.hasattr", "builtins.vars", "copy.copy", "copy.deepcopy"})


def match(site: cst.Call, context: Context) -> Candidate | None:
    """The candidate for `owner.name.append(f.remote(...))` or `owner.name[key] = f.remote(...)` in a `for`.

    So it is for `owner.name[f.remote(...)] = value`. Its statement is the outermost loop, until the region is known
    that its members are made in.

    Raises:
        Refusal: when the callee is not known, or something beside the call has an effect.
    """
    loops = [node for node in context.around(site) if isinstance(node, cst.For)]
    ref = ref_of(site, context)
    row = row_around(ref, context)
    append = _append_of(row if row is not None else ref.node, context)
    keys: tuple[cst.BaseExpression, ...] = ()
    beside: tuple[cst.BaseExpression, ...] = ()
    if append is not None:
        stmt, container = append
        beside = beside_in(row, ref, context) if row is not None and loops else ()
    else:
        assign = assignment_of(ref.node, context)
        target = assign.targets[0].target if assign is not None else None
        if assign is None or not isinstance(target, cst.Subscript) or not isinstance(target.value, cst.Attribute):
            return None
        stmt, container, row = assign, target.value, None
        keys, beside = _stored(site, ref, assign, target, context) if loops else ((), ())
    if not loops or _root(container) is None:
        return None
    refuse_effect(container, context, "what the container is found by")
    reader = _reader(container.attr.value, context)
    if reader is not None:
        raise Refusal(_CODE, f"`{reader}` of this file may look at `{container.attr.value}` while it grows")
    callee = filled_by(site, stmt, loops[-1], context)
    name = context.source.shown(container)
    candidate = Candidate("held", site, callee, node_of(callee), loops[-1], loops[-1], name)
    candidate.rowed = row is not None
    call = stmt.value if isinstance(stmt, cst.Expr) and isinstance(stmt.value, cst.Call) else None
    spelling = context.flow.scope.spelling(container.attr.value)
    fill = Fill(stmt, site, callee, None, keys, call, ref.binder, beside, container, spelling)
    candidate.fills.append(fill)
    return candidate


def seen_while_growing(candidate: Candidate, statement: cst.CSTNode, context: Context) -> str | None:
    """Why a container may not get the refs of `statement` when that is over; None when its text shows it nowhere.

    That nothing else holds the container is seen when it runs.
    """
    if not isinstance(statement, cst.For):
        return "it holds a loop"
    own = {id(fill.container) for fill in candidate.fills}
    container = candidate.fills[0].container
    assert container is not None
    root = _root(container)
    iterator = _reader(container.attr.value, context, iterators=True)
    for part in walk(statement):
        if iterator is not None and _takes_items(part, context):
            return f"{iterator} of this file may look at `{candidate.name}` in it"
        if isinstance(part, cst.Attribute) and id(part) not in own:
            name = part.attr.value
            if name == container.attr.value or (name.startswith("__") and name.endswith("__")):
                return f"`{context.source.code(part)}` is used in it besides"
        elif isinstance(part, cst.Name) and root is not None and part.value == root.value:
            parent = context.parent(part)
            if not isinstance(parent, cst.Attribute) and not isinstance(parent, cst.Arg | cst.Param):
                return f"`{root.value}` itself is used in it"
            if isinstance(parent, cst.Arg) and parent.keyword is not part:
                return f"`{root.value}` itself is used in it"
        elif isinstance(part, cst.Call) and (
            context.names.dotted(part.func) in _LOOKING or context.names.is_quiet(part.func)
        ):
            return f"`{context.source.code(part.func)}` may look at `{candidate.name}`"
    return None


def _append_of(item: cst.BaseExpression, context: Context) -> tuple[cst.CSTNode, cst.Attribute] | None:
    """The statement `owner.name.append(item)` around an expression, and `owner.name`."""
    arg = context.parent(item)
    call = context.parent(arg) if isinstance(arg, cst.Arg) and not arg.star and arg.keyword is None else None
    if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Attribute) or len(call.args) != 1:
        return None
    container, stmt = call.func.value, context.parent(call)
    if call.func.attr.value != "append" or not isinstance(container, cst.Attribute) or not isinstance(stmt, cst.Expr):
        return None
    return stmt, container


def _stored(
    site: cst.Call, ref: Ref, assign: cst.Assign, target: cst.Subscript, context: Context
) -> tuple[tuple[cst.BaseExpression, ...], tuple[cst.BaseExpression, ...]]:
    """The key that a ref is stored at, or the value that it is the key of.

    Raises:
        Refusal: when what is evaluated after the call has an effect or may raise.
    """
    element = target.slice[0].slice
    if len(target.slice) != 1 or not isinstance(element, cst.Index):
        raise Refusal("RI104", "the submission is assigned to a slice, or its ref is a part of the key")
    if assign.value is ref.node:
        refuse_key(element.value, context)
        if may_be_unbound(target.value, context):
            raise Refusal(_CODE, f"`{context.source.code(target.value)}` may not be bound")
        return (element.value,), ()
    check_beside(assign.value, context, ref.binder is not None)
    # The container is looked up first.
    if not all(is_certain(arg.value) and not may_be_unbound(arg.value, context) for arg in site.args):
        raise Refusal(_CODE, "an argument of the call that is the key may raise")
    return (), (assign.value,)


def _root(container: cst.BaseExpression) -> cst.Name | None:
    """`a` of `a.b.c`; None where it is no name."""
    root, _ = root_of(container)
    return root if isinstance(root, cst.Name) else None


def _reader(name: str, context: Context, iterators: bool = False) -> str | None:
    """The code of this file that may look at the attribute `name` without being called by its own name.

    It is run by an attribute, an operator or a text; with `iterators`, it is what gives the items of one.
    """
    for hook, code in context.names.silent:
        for part in walk(code) if iterators is not bool(hook) else ():
            read = isinstance(part, cst.Attribute) and part.attr.value == name
            called = context.names.dotted(part.func) if isinstance(part, cst.Call) else "builtins."
            # Methods that such code calls are those of texts.
            own = (
                isinstance(part, cst.Call)
                and isinstance(part.func, cst.Name)
                and not (called or "").startswith("builtins.")
            )
            if read or own or called in _LOOKING:
                return hook or "a generator"
    return None


def _takes_items(part: cst.CSTNode, context: Context) -> bool:
    """Whether evaluating a part of a statement may take items of an iterator that is there already."""
    if isinstance(part, cst.Arg):
        return part.star == "*"
    if isinstance(part, cst.For | cst.AssignTarget):
        return isinstance(part.target, cst.Tuple | cst.List)
    if isinstance(part, cst.Call):
        return (context.names.dotted(part.func) or "").startswith("builtins.") and not is_submission(part, context)
    return isinstance(part, cst.BaseComp | cst.StarredElement)
