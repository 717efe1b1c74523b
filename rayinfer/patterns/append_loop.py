"""A fan-out by append loop: `refs = []`, then `refs.append(f.remote(x))` in loops without other effects."""

from __future__ import annotations

import libcst as cst

from rayinfer.facts.syntax import clauses
from rayinfer.patterns.callee import names_in
from rayinfer.patterns.comprehension import node_of, refuse_effect, refuse_inner_effects
from rayinfer.patterns.context import Candidate, Context, Fill, Refusal
from rayinfer.patterns.filling import filled_by, start_of
from rayinfer.patterns.taken import beside_in, ref_of, row_around

VALID = (
    ("refs = []\nfor i in range(8):\n    refs.append(f.remote(i))", "Map"),
    ("refs = []\nfor n in names:\n    size = len(n)\n    refs.append(f.remote(n, size))", "Map"),
    (
        "refs = list()\nfor n in names:\n    if n:\n        refs.append(f.remote(n))\n        refs.append(f.remote(1))",
        "Map",
    ),
    ("actors = []\nfor i in range(8):\n    actors.append(Counter.remote(i))", "InitActors"),
    ("refs = []\nfor i in range(8):\n    ref = f.remote(i)\n    refs.append(ref)", "Map"),
    ("refs = []\nfor i in range(8):\n    refs.append((i, f.remote(i)))", "Map"),
    ('refs = []\nfor i in range(8):\n    ref = f.remote(i)\n    refs.append({"number": i, "ref": ref})', "Map"),
    ("refs = []\nfor i in range(8):\n    refs.append(given[i % 2].add.remote(i))", "MapActors"),
    ("refs = []\n[refs.append(f.remote(i)) for i in range(8)]", "Map"),
)
INVALID = (
    (
        "for i in range(8):\n    refs = []\n    if i % 2:\n        refs.append(f.remote(i))\n    print(ray.get(refs))",
        "RI101",
    ),
    ("refs = []\n[refs.append(f.remote(i)) for i in queue.pop()]", "RI103"),
    ("refs = []\nnone = [refs.append(f.remote(i)) for i in range(8)]", "RI101"),
    ("refs = load()\nfor i in range(8):\n    refs.append(f.remote(i))", "RI108"),
    ("refs = []\nfor i in range(8):\n    refs.append(f.remote(i))\n    note(i)", "RI113"),
    ("refs = []\nfor i in range(8):\n    refs.append(f.remote(i))\n    refs.append(i)", "RI108"),
    (
        "refs = []\nfor i in range(8):\n    refs.append(f.remote(i))\n    refs.append(step.remote(i))\n    print(i)",
        "RI104",
    ),
)


def match(site: cst.Call, context: Context) -> Candidate | None:
    """The candidate for `name.append(f.remote(...))`; its statement is the one that starts the list.

    What is appended may also be a tuple with the call in it, or a name that the statement before binds the ref to.

    Raises:
        Refusal: when the list does not start empty at one place, or the callee is not known.
    """
    append = _append_around(site, context)
    if append is None:
        return None
    receiver = receiver_of(append)
    start, value = start_of(receiver, context)
    if not _is_empty(value, context):
        raise Refusal("RI108", f"the list `{receiver.value}` does not start empty")
    fill, rowed = append_fill(site, start, context)
    candidate = Candidate("append", site, fill.callee, node_of(fill.callee), start, value, receiver.value)
    candidate.rowed = rowed
    candidate.fills.append(fill)
    return candidate


def is_append(site: cst.Call, context: Context) -> bool:
    """Whether a submission, or a tuple, list or dict that is written out around it, is appended to a list."""
    return _append_around(site, context) is not None


def append_fill(site: cst.Call, start: cst.CSTNode, context: Context) -> tuple[Fill, bool]:
    """The statement that appends a submission to a list, and whether a tuple, list or dict stands around the call.

    `start` is what comes before all members.

    Raises:
        Refusal: when the callee is not known, or something beside the call has an effect.
    """
    append = _append_around(site, context)
    assert append is not None
    ref = ref_of(site, context)
    row = row_around(ref, context)
    stmt = context.parent(append)
    own: list[str] = []
    if isinstance(stmt, cst.ListComp):
        refuse_effect(stmt.for_in.iter, context, "the iterable")
        refuse_inner_effects(stmt, context)
        own = [name.value for clause in clauses(stmt) for name in names_in(clause.target)]
        stmt = context.parent(stmt)
    assert stmt is not None
    callee = filled_by(site, append, start, context, *own)
    beside = beside_in(row, ref, context) if row is not None else ()
    fill = Fill(stmt, site, callee, receiver_of(append), call=append, binder=ref.binder, beside=beside)
    return fill, row is not None


def _append_around(site: cst.Call, context: Context) -> cst.Call | None:
    """The call of `append` that takes a submission, or a tuple, list or dict that is written out around it."""
    ref = ref_of(site, context)
    row = row_around(ref, context)
    return appended_to(row if row is not None else ref.node, context)


def appended_to(item: cst.BaseExpression, context: Context) -> cst.Call | None:
    """The call `name.append(item)` around an expression, when it is a statement of its own.

    So is `[name.append(item) for x in xs]`, a loop on one line.
    """
    arg = context.parent(item)
    append = context.parent(arg) if isinstance(arg, cst.Arg) else None
    if not isinstance(append, cst.Call) or not isinstance(append.func, cst.Attribute) or len(append.args) != 1:
        return None
    if append.func.attr.value != "append" or not isinstance(append.func.value, cst.Name) or append.args[0].star:
        return None
    holder = context.parent(append)
    if isinstance(holder, cst.ListComp) and holder.elt is append:
        holder = context.parent(holder)
    return append if isinstance(holder, cst.Expr) else None


def receiver_of(append: cst.Call) -> cst.Name:
    """The list's name in `name.append(...)`."""
    assert isinstance(append.func, cst.Attribute) and isinstance(append.func.value, cst.Name)
    return append.func.value


def _is_empty(value: cst.BaseExpression, context: Context) -> bool:
    if isinstance(value, cst.Call):
        return context.names.dotted(value.func) == "builtins.list" and not value.args
    return isinstance(value, cst.List) and not value.elements
