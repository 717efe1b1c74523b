"""Where the names of a syntax node stand: the one table that the scope resolver and the event walker read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from rayinfer.facts import walk

# Fields that hold names, in source order, of nodes that neither bind a name nor open a scope. Keyed by the type's name,
# since some types exist only in newer releases of LibCST.
FIELDS: dict[str, tuple[str, ...]] = {
    "Module": ("body",),
    "IndentedBlock": ("body",),
    "SimpleStatementLine": ("body",),
    "SimpleStatementSuite": ("body",),
    "Expr": ("value",),
    "Return": ("value",),
    "Raise": ("exc", "cause"),
    "From": ("item",),
    "Assert": ("test", "msg"),
    "If": ("test", "body", "orelse"),
    "While": ("test", "body", "orelse"),
    "Else": ("body",),
    "Try": ("body", "handlers", "orelse", "finalbody"),
    "TryStar": ("body", "handlers", "orelse", "finalbody"),
    "Finally": ("body",),
    "With": ("items", "body"),
    "Match": ("subject", "cases"),
    "MatchCase": ("pattern", "guard", "body"),
    "MatchClass": ("cls", "patterns", "kwds"),
    "MatchKeywordElement": ("pattern",),
    "MatchList": ("patterns",),
    "MatchTuple": ("patterns",),
    "MatchMappingElement": ("key", "pattern"),
    "MatchOr": ("patterns",),
    "MatchOrElement": ("pattern",),
    "MatchSequenceElement": ("value",),
    "MatchValue": ("value",),
    "MatchSingleton": (),
    "Decorator": ("decorator",),
    "Annotation": ("annotation",),
    "Arg": ("value",),
    "Attribute": ("value",),
    "Await": ("expression",),
    "BinaryOperation": ("left", "right"),
    "BooleanOperation": ("left", "right"),
    "UnaryOperation": ("expression",),
    "Call": ("func", "args"),
    "Comparison": ("left", "comparisons"),
    "ComparisonTarget": ("comparator",),
    "IfExp": ("body", "test", "orelse"),
    "Yield": ("value",),
    "Subscript": ("value", "slice"),
    "SubscriptElement": ("slice",),
    "Index": ("value",),
    "Slice": ("lower", "upper", "step"),
    "Tuple": ("elements",),
    "List": ("elements",),
    "Set": ("elements",),
    "Dict": ("elements",),
    "Element": ("value",),
    "StarredElement": ("value",),
    "DictElement": ("key", "value"),
    "StarredDictElement": ("value",),
    "ConcatenatedString": ("left", "right"),
    "FormattedString": ("parts",),
    "FormattedStringExpression": ("expression", "format_spec"),
    "FormattedStringText": (),
    "TemplatedString": ("parts",),
    "TemplatedStringExpression": ("expression", "format_spec"),
    "TemplatedStringText": (),
    "TypeParameters": ("params",),
    "SimpleString": (),
    "Integer": (),
    "Float": (),
    "Imaginary": (),
    "Ellipsis": (),
    "Pass": (),
    "Break": (),
    "Continue": (),
    "ParamStar": (),
    "ParamSlash": (),
}

# A name below these is a target when they are one.
TARGET_PARTS = frozenset({"Tuple", "List", "Element", "StarredElement"})

IMPORTS = ("Import", "ImportFrom", "LazyImport", "LazyImportFrom")
COMPREHENSIONS = ("ListComp", "SetComp", "DictComp", "StarredDictComp", "GeneratorExp")

# Names by syntax, constants by meaning.
CONSTANTS = frozenset({"True", "False", "None"})


def children(node: cst.CSTNode) -> Sequence[cst.CSTNode]:
    """The parts of `node` that can hold names, in source order; every child for a node type that is not known."""
    fields = FIELDS.get(type(node).__name__)
    if fields is None:
        return walk.children(node)
    found: list[cst.CSTNode] = []
    for field in fields:
        value = getattr(node, field)
        if isinstance(value, (list, tuple)):
            found.extend(value)
        elif value is not None:
            found.append(value)
    return found


def target_parts(target: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """The single targets of an assignment, tuples and lists taken apart."""
    if isinstance(target, cst.Tuple | cst.List):
        for element in target.elements:
            yield from target_parts(element.value)
    else:
        yield target


def parameters(params: cst.Parameters) -> list[cst.Param]:
    """Every parameter in source order, `*args` and `**kwargs` too."""
    found = [*params.posonly_params, *params.params]
    if isinstance(params.star_arg, cst.Param):
        found.append(params.star_arg)
    found.extend(params.kwonly_params)
    if params.star_kwarg is not None:
        found.append(params.star_kwarg)
    return found


def elements(node: cst.CSTNode) -> list[cst.BaseExpression]:
    """What a comprehension computes for each item: its element, or its key and value."""
    return [getattr(node, field) for field in ("elt", "key", "value") if hasattr(node, field)]


def clauses(node: cst.CSTNode) -> list[cst.CompFor]:
    """The `for` clauses of a comprehension, outermost first."""
    found: list[cst.CompFor] = []
    clause: cst.CompFor | None = getattr(node, "for_in", None)
    while clause is not None:
        found.append(clause)
        clause = clause.inner_for_in
    return found


def imported(alias: cst.ImportAlias) -> cst.Name:
    """The name that an import alias binds: `c` of `a.b as c`, else `a` of `a.b`."""
    name = root_of(alias.name)[0] if alias.asname is None else alias.asname.name
    assert isinstance(name, cst.Name)
    return name


def import_aliases(node: cst.CSTNode) -> Sequence[cst.ImportAlias]:
    """The aliases of an import statement; none for `import *`."""
    names = getattr(node, "names", ())
    return () if isinstance(names, cst.ImportStar) else names


def root_of(node: cst.BaseExpression) -> tuple[cst.BaseExpression, list[str]]:
    """What a chain of attributes begins with, and their names: `a` of `a.b.c`, and `b` and `c`."""
    attributes: list[str] = []
    while isinstance(node, cst.Attribute):
        attributes.append(node.attr.value)
        node = node.value
    attributes.reverse()
    return node, attributes


def last_name(node: cst.BaseExpression) -> str:
    """`c` of `a.b.c`, and of `c`; empty for anything else."""
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""


def dotted_text(node: cst.BaseExpression) -> str:
    """The text of a dotted name."""
    root, attributes = root_of(node)
    return ".".join([root.value if isinstance(root, cst.Name) else "?", *attributes])
