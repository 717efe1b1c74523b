"""Effects: which expressions cannot block, observe a submission, or change an object that a task was given."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from rayinfer.facts.hooks import (
    ANYTHING,
    ARITHMETIC,
    COMPARISONS,
    CONVERSIONS,
    ITEMS,
    ITERATORS,
    KEYS,
    NO_HOOKS,
    SIGNS,
    TEXTS,
    TRUTH,
    Hooks,
)
from rayinfer.facts.names import Names
from rayinfer.facts.ray_names import REMOTE, is_of_ray, is_silent, why_it_ends
from rayinfer.facts.syntax import parameters, target_parts
from rayinfer.facts.walk import children

# Builtins that run no code of the user's beyond the protocol methods of their arguments.
_BUILTINS = frozenset(
    "abs bool bytes chr complex dict divmod enumerate float format frozenset hash hex int isinstance issubclass len"
    " list max min oct ord pow range repr reversed round set slice sorted str sum tuple type zip".split()
)
# Their constructors only hold what they are given.
_EXCEPTIONS = frozenset(
    "ArithmeticError AssertionError AttributeError Exception ImportError IndexError KeyError LookupError"
    " NotImplementedError OSError OverflowError RuntimeError StopIteration TimeoutError TypeError ValueError"
    " ZeroDivisionError".split()
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
    + ["uuid.uuid4", "os.environ.get", "os.getenv", "os.getpid", "os.cpu_count", "platform.node", "socket.gethostname"]
    # Progress bars print when they like; over what they go is looked at when it runs.
    + [f"{module}.{name}" for module in ("tqdm", "tqdm.auto", "tqdm.notebook") for name in ("tqdm", "trange")]
    + ["copy.copy", "copy.deepcopy", "itertools.product", "itertools.chain", "itertools.repeat", "functools.partial"]
)
# Reading a clock as an argument commutes with the submissions beside it.
_CLOCKS = frozenset(["time." + name for name in "time perf_counter monotonic time_ns perf_counter_ns".split()])
_LOOKUPS = frozenset({"builtins.getattr", "builtins.hasattr"})
_IO = frozenset({"builtins.print", "builtins.open", "builtins.input", "sys.stdout.write", "sys.stdout.flush"})
# Methods without arguments that give a view of a container.
_VIEWS = frozenset({"items", "keys", "values"})
_DISPLAYS = cst.List | cst.Tuple | cst.Dict | cst.ListComp | cst.DictComp
# Methods of texts, by which they are known; those that other things have as well take a literal, or nothing.
TEXT_METHODS = frozenset(
    "endswith isalpha isdigit lower lstrip removeprefix removesuffix rsplit rstrip split splitlines startswith strip"
    " upper".split()
)
_OF_ANY_TEXT = frozenset({"endswith", "removeprefix", "removesuffix", "startswith"})
# Builtins that give a container or a range; those that only wrap what they are given; those that iterate over nothing.
_CONTAINERS = frozenset(
    "builtins." + name for name in "range list tuple set frozenset dict sorted bytes str repr format".split()
)
_LAZY = frozenset({"builtins.enumerate", "builtins.zip", "builtins.reversed"})
_SINGLE = frozenset(
    "builtins." + name
    for name in "abs bool chr complex divmod float format hash hex int isinstance issubclass len oct ord pow range repr"
    " round slice str type".split()
)
_PROTOCOLS = {
    "builtins.len": frozenset({"__len__"}),
    "builtins.range": frozenset({"__index__"}),
    "builtins.int": CONVERSIONS,
    "builtins.float": CONVERSIONS,
    "builtins.complex": CONVERSIONS,
    "builtins.bool": TRUTH,
    "builtins.abs": SIGNS,
    "builtins.hash": frozenset({"__hash__"}),
    "builtins.str": TEXTS,
    "builtins.repr": TEXTS,
    "builtins.format": TEXTS,
    "builtins.isinstance": CONVERSIONS,
    "builtins.issubclass": CONVERSIONS,
    "builtins.list": ITERATORS,
    "builtins.tuple": ITERATORS,
    "builtins.set": ITERATORS | KEYS,
    "builtins.frozenset": ITERATORS | KEYS,
    "builtins.sum": ITERATORS | ARITHMETIC,
    "builtins.sorted": ITERATORS | COMPARISONS | TRUTH,
    "builtins.min": ITERATORS | COMPARISONS | TRUTH,
    "builtins.max": ITERATORS | COMPARISONS | TRUTH,
}

_TRANSPARENT = (
    cst.Attribute,
    cst.Subscript,
    cst.SubscriptElement,
    cst.Index,
    cst.Slice,
    cst.BinaryOperation,
    cst.UnaryOperation,
    cst.BooleanOperation,
    cst.Call,
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
# Special methods that evaluating a node may run, where a class of the file defines them.
_RUNS: tuple[tuple[type | tuple[type, ...], frozenset[str]], ...] = (
    (cst.BinaryOperation, ARITHMETIC),
    (cst.UnaryOperation, SIGNS | TRUTH),
    ((cst.BooleanOperation, cst.IfExp, cst.CompIf), TRUTH),
    (cst.Comparison, COMPARISONS),
    ((cst.Set, cst.SetComp, cst.Dict, cst.DictComp), KEYS),
    (cst.FormattedStringExpression, TEXTS),
    (cst.Subscript, ITEMS),
)


def impure_part(
    node: cst.CSTNode, names: Names, clocks: bool = False, passing: Callable[[cst.Call], bool] | None = None
) -> cst.CSTNode | None:
    """The first part of an expression whose effect is not known, or None when there is none.

    Attribute reads, subscripts and operators are taken to have no effect on other objects, unless a class of the same
    file hooks code in that may have one (`names.hooks`): what an imported class does there is not seen. The runtime
    submits what is pending when such code calls an actor. `clocks` lets clock reads pass, `passing` calls that the
    caller chooses.
    """
    stack = [node]
    while stack:
        node = stack.pop()
        if isinstance(node, cst.Lambda):
            # Making a function runs none of its code.
            stack.extend(param.default for param in parameters(node.params) if param.default is not None)
            continue
        chosen = passing is not None and isinstance(node, cst.Call) and passing(node)
        if not chosen and (not isinstance(node, _TRANSPARENT) or has_effect(node, names, clocks)):
            return node
        if isinstance(node, cst.Call):
            stack.extend(node.args)
            if isinstance(node.func, cst.Attribute):
                stack.append(node.func.value)
            elif isinstance(node.func, cst.Call):
                stack.append(node.func)
        else:
            stack.extend(reversed(list(children(node))))
    return None


def impure_test(
    test: cst.CSTNode, names: Names, passing: Callable[[cst.Call], bool] | None = None
) -> cst.CSTNode | None:
    """The same of a condition, whose truth may run code, too: that of a comparison is taken to be Python's own."""
    if names.hooks.on_any(TRUTH) and not isinstance(test, cst.Comparison):
        return test
    return impure_part(test, names, passing=passing)


def has_effect(node: cst.CSTNode, names: Names, clocks: bool = False) -> bool:
    """Whether the one step that a node stands for, its parts aside, may have an effect."""
    hooks = names.hooks
    if isinstance(node, cst.Call):
        return not _pure_callee(node, names, clocks)
    if isinstance(node, cst.CompFor):
        if node.asynchronous is not None or not all(isinstance(part, cst.Name) for part in target_parts(node.target)):
            return True
        return hooks.iteration and not is_plain_iterable(node.iter, names)
    if isinstance(node, cst.Await | cst.With | cst.Import | cst.ImportFrom):
        return True
    if hooks is NO_HOOKS:
        return False
    if isinstance(node, cst.Attribute):
        return hooks.on_attribute(node.attr.value) and names.dotted(node) is None
    if isinstance(node, cst.StarredElement) or (isinstance(node, cst.Arg) and node.star):
        return hooks.iteration and not is_plain_iterable(node.value, names)
    if isinstance(node, cst.Comparison) and hooks.iteration and any(_is_in(part) for part in node.comparisons):
        return True
    if isinstance(node, cst.Subscript) and isinstance(node.value, cst.Name):
        if isinstance(names.value_of(node.value), _DISPLAYS):
            # No class of the file has made it; keys may be of one.
            return hooks.on_any(KEYS | {"__index__"})
    return any(isinstance(node, kinds) and hooks.on_any(methods) for kinds, methods in _RUNS)


def _is_in(part: cst.ComparisonTarget) -> bool:
    return isinstance(part.operator, cst.In | cst.NotIn)


def takes_apart(target: cst.BaseExpression, iterable: cst.BaseExpression, names: Names) -> bool:
    """Whether a loop takes its items apart by code of the file: not where these are pairs of Python's own making."""
    if not names.hooks.iteration or not isinstance(target, cst.Tuple | cst.List):
        return False
    if any(not isinstance(element.value, cst.Name) for element in target.elements):
        return True
    if not isinstance(iterable, cst.Call):
        return True
    func = iterable.func
    if isinstance(func, cst.Attribute) and func.attr.value == "items" and not iterable.args:
        # Those of a dict, where no class of the file has others.
        return names.hooks.on_attribute("items") or any(hook == "items" for hook, _ in names.silent)
    return names.dotted(func) not in ("builtins.enumerate", "builtins.zip")


def is_plain_iterable(node: cst.BaseExpression, names: Names) -> bool:
    """Whether an expression surely gives a container or a range, so that iterating over it runs no code of a user."""
    if isinstance(node, cst.Set | cst.SetComp | _DISPLAYS):
        return True
    if isinstance(node, cst.SimpleString):
        return True
    if isinstance(node, cst.Name):
        value = names.value_of(node)
        return value is not None and not isinstance(value, cst.Name) and is_plain_iterable(value, names)
    name = names.dotted(node.func) if isinstance(node, cst.Call) else None
    if not isinstance(node, cst.Call) or name is None:
        return False
    if name in _LAZY:
        return all(not arg.star and is_plain_iterable(arg.value, names) for arg in node.args if arg.keyword is None)
    return name in _CONTAINERS


def is_pure_function(node: cst.BaseExpression, names: Names) -> bool:
    """Whether calling what an expression names has no effect of its own."""
    name = names.dotted(node)
    if name is None:
        return False
    if name.startswith("builtins."):
        return name[len("builtins.") :] in _BUILTINS | _EXCEPTIONS
    return name in _PURE_CALLS or is_silent(name)


def _pure_callee(call: cst.Call, names: Names, clocks: bool) -> bool:
    func = call.func
    hooks = names.hooks
    if any(arg.keyword is not None and arg.keyword.value in ("out", "key", "default", "file") for arg in call.args):
        return False
    if isinstance(func, cst.Attribute):
        if func.attr.value in _VIEWS and not call.args:
            return not hooks.on_attribute(func.attr.value)
        if isinstance(func.value, cst.SimpleString) and func.attr.value in ("join", "format"):
            return not (hooks.iteration or hooks.on_any(TEXTS))
        if func.attr.value in TEXT_METHODS and names.dotted(func) is None:
            literal = all(isinstance(arg.value, cst.SimpleString | cst.Integer) for arg in call.args)
            return (literal or func.attr.value in _OF_ANY_TEXT) and not hooks.on_attribute(func.attr.value)
    if _declares(call, names) or names.is_quiet(func):
        return True
    if not is_pure_function(func, names):
        name = names.dotted(func)
        return (clocks and name in _CLOCKS) or (name in _LOOKUPS and _reads_attribute(call, hooks))
    return hooks is NO_HOOKS or not _runs_hooks(call, names)


def _declares(call: cst.Call, names: Names) -> bool:
    """Whether a call is `ray.remote(f)`, `ray.remote(**options)(C)`, or the first part of that: it submits nothing."""
    func = call.func
    if names.dotted(func) == REMOTE and call.args and all(arg.keyword is not None for arg in call.args):
        return True
    made = isinstance(func, cst.Call) and names.dotted(func.func) == REMOTE
    if not (made or names.dotted(func) == REMOTE) or len(call.args) != 1:
        return False
    (arg,) = call.args
    if arg.keyword is not None or arg.star:
        return False
    # A class of the file may run code of its own when Ray derives from it, as it may when it is pickled.
    is_function = isinstance(arg.value, cst.Name) and isinstance(names.only_binder(arg.value), cst.FunctionDef)
    return is_function or not names.hooks.pickling


def _reads_attribute(call: cst.Call, hooks: Hooks) -> bool:
    """Whether a `getattr` or `hasattr` runs no code of this file that has an effect."""
    if any(arg.star for arg in call.args):
        return False
    name = call.args[1].value if len(call.args) > 1 else None
    if isinstance(name, cst.SimpleString):
        return not hooks.on_attribute(str(name.evaluated_value))
    return not hooks.attributes and not hooks.every_attribute


def _runs_hooks(call: cst.Call, names: Names) -> bool:
    """Whether a pure function may run, by the protocols of its arguments, code of this file that has an effect."""
    name = names.dotted(call.func)
    if not call.args or name in _LAZY or name == "builtins.type":
        return False
    if name is not None and name.removeprefix("builtins.") in _EXCEPTIONS:
        return False
    if names.hooks.on_any(_PROTOCOLS.get(name or "", ANYTHING)):
        return True
    consumes = name not in _SINGLE and not (name or "").startswith(("math.", "os.path.", "copy."))
    return consumes and names.hooks.iteration and not all(is_plain_iterable(a.value, names) for a in call.args)


def describe_effect(node: cst.CSTNode, names: Names, code: Callable[[cst.CSTNode], str]) -> str:
    """A few words on why a region ends at a statement or expression with an unknown effect."""
    if isinstance(node, cst.Call):
        name = names.dotted(node.func)
        text = name.removeprefix("builtins.") if name else code(node.func)
        if name is not None and name in _CLOCKS:
            return f"{text} reads a clock"
        if name is not None and is_of_ray(name):
            return why_it_ends(name)
        if name == "time.sleep":
            return f"{text} waits"
        if name in _IO:
            return f"{text} does input or output"
        if name is not None and is_pure_function(node.func, names):
            return f"{text} may run code of this file"
        return f"the effect of calling {_shortened(text)} is not known"
    if isinstance(node, cst.Await):
        return "await"
    if isinstance(node, cst.Yield):
        return "yield"
    text = _shortened(code(node))
    if isinstance(node, _TRANSPARENT):
        return f"`{text}` may run code of this file"
    return f"the effect of `{text}` is not known"


def _shortened(code: str) -> str:
    """Code on one line, of 60 characters at most."""
    text = " ".join(code.split())
    return text if len(text) <= 60 else text[:57] + "..."
