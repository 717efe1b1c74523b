"""Effects: which expressions cannot block, observe a submission, or change an object that a task was given."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from rayinfer.facts.names import RAY_DOES_NOT_OBSERVE, Names
from rayinfer.facts.walk import children

# Builtins that run no code of the user's beyond the protocol methods of their arguments.
_BUILTINS = frozenset(
    "abs bool bytes chr complex dict divmod enumerate float format frozenset hash hex int isinstance issubclass len"
    " list max min oct ord pow range repr reversed round set slice sorted str sum tuple type zip".split()
)
# Constructors and functions of new values; none changes its arguments or waits.
_PURE_CALLS = frozenset(
    [
        "numpy." + name
        for name in "arange array asarray empty eye float32 float64 full int32 int64 linspace ones zeros".split()
    ]
    + ["numpy.array_split", "numpy.split", "numpy.ceil", "numpy.floor", "numpy.sqrt", "numpy.concatenate"]
    + ["numpy.random." + name for name in "normal rand randint randn random uniform".split()]
    + ["random." + name for name in "choice gauss randint random randrange uniform".split()]
    + ["math." + name for name in "ceil cos exp floor gcd isqrt log log10 log2 pow prod sin sqrt".split()]
    + ["os.path." + name for name in "basename dirname join splitext".split()]
    + ["copy.copy", "copy.deepcopy", "itertools.product", "itertools.chain", "itertools.repeat", "functools.partial"]
)
# Reading a clock as an argument commutes with the submissions beside it.
_CLOCKS = frozenset(["time." + name for name in "time perf_counter monotonic time_ns perf_counter_ns".split()])
# Methods without arguments that give a view of a container.
_VIEWS = frozenset({"items", "keys", "values"})

_TRANSPARENT = (
    cst.Attribute,
    cst.Subscript,
    cst.SubscriptElement,
    cst.Index,
    cst.Slice,
    cst.BinaryOperation,
    cst.UnaryOperation,
    cst.BooleanOperation,
    cst.Comparison,
    cst.ComparisonTarget,
    cst.IfExp,
    cst.Tuple,
    cst.List,
    cst.Set,
    cst.Dict,
    cst.DictElement,
    cst.StarredDictElement,
    cst.Element,
    cst.StarredElement,
    cst.FormattedString,
    cst.FormattedStringExpression,
    cst.FormattedStringText,
    cst.ConcatenatedString,
    cst.ListComp,
    cst.SetComp,
    cst.DictComp,
    cst.CompFor,
    cst.CompIf,
    cst.Arg,
    cst.BaseNumber,
    cst.SimpleString,
    cst.Name,
    cst.Ellipsis,
    cst.BaseBinaryOp,
    cst.BaseUnaryOp,
    cst.BaseBooleanOp,
    cst.BaseCompOp,
)


def impure_part(node: cst.CSTNode, names: Names, clocks: bool = False) -> cst.CSTNode | None:
    """The first part of an expression whose effect is not known, or None when there is none.

    Attribute reads, subscripts and operators are taken to have no effect on other objects. `clocks` lets clock reads
    pass.
    """
    stack = [node]
    while stack:
        node = stack.pop()
        if isinstance(node, cst.Call):
            if not _pure_callee(node, names, clocks):
                return node
            stack.extend(node.args)
            if isinstance(node.func, cst.Attribute):
                stack.append(node.func.value)
        elif isinstance(node, cst.CompFor) and node.asynchronous is not None:
            return node
        elif isinstance(node, _TRANSPARENT):
            stack.extend(reversed(list(children(node))))
        else:
            return node
    return None


def _pure_callee(call: cst.Call, names: Names, clocks: bool) -> bool:
    func = call.func
    if any(arg.keyword is not None and arg.keyword.value in ("out", "key", "default") for arg in call.args):
        return False
    if isinstance(func, cst.Attribute):
        if func.attr.value in _VIEWS and not call.args:
            return True
        if isinstance(func.value, cst.SimpleString) and func.attr.value in ("join", "format"):
            return True
    name = names.dotted(func)
    if name is None:
        return False
    if name.startswith("builtins."):
        return name[len("builtins.") :] in _BUILTINS
    return name in _PURE_CALLS or name in RAY_DOES_NOT_OBSERVE or (clocks and name in _CLOCKS)


def describe_effect(node: cst.CSTNode, names: Names, code: Callable[[cst.CSTNode], str]) -> str:
    """A few words on why a region ends at a statement or expression with an unknown effect."""
    if isinstance(node, cst.Call):
        name = names.dotted(node.func)
        text = name.removeprefix("builtins.") if name else code(node.func)
        if name is not None and name in _CLOCKS:
            return f"{text} reads a clock"
        if name is not None and name.startswith("ray."):
            return name
        text = " ".join(text.split())
        return f"the effect of calling {text if len(text) <= 60 else text[:57] + '...'} is not known"
    if isinstance(node, cst.Await):
        return "await"
    if isinstance(node, cst.Yield):
        return "yield"
    text = " ".join(code(node).split())
    return f"the effect of `{text if len(text) <= 60 else text[:57] + '...'}` is not known"
