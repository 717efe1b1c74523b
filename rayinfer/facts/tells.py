"""Calls that only tell people how far a program is: `print`, and the loggers of the standard library."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from rayinfer.facts.hooks import TEXTS
from rayinfer.facts.names import Names

_LEVELS = frozenset("debug info warning error critical".split())
# Methods that run as a record is logged, and what hooks in others that do.
_LOGGING = frozenset(
    "emit handle handleError filter format formatTime formatException formatMessage formatStack makeRecord".split()
)
_HOOKING = frozenset({"addFilter", "setLogRecordFactory", "setLoggerClass"})


def find_listeners(nodes: Sequence[cst.CSTNode], names: Names) -> None:
    """Note in `names` whether code of the file may run as it prints, and as it logs."""
    # Not by isinstance, which takes long for the many nodes of other kinds.
    defined = {node.name.value for node in nodes if type(node) is cst.FunctionDef}
    names.writes = "write" in defined
    names.logs = not defined.isdisjoint(_LOGGING) or any(
        (type(node) is cst.Call and _hooks_in(node, names)) or (type(node) is cst.AssignTarget and _replaces(node))
        for node in nodes
    )


def only_tells(call: cst.Call, names: Names) -> bool:
    """Whether a call prints to one of Python's own streams, or logs: no task or actor can tell when that is."""
    if names.hooks.on_any(TEXTS):
        return False
    if names.dotted(call.func) == "builtins.print":
        given = [arg for arg in call.args if arg.star == "**" or (arg.keyword and arg.keyword.value == "file")]
        return not names.writes and all(names.dotted(arg.value) in ("sys.stdout", "sys.stderr") for arg in given)
    func = call.func
    if names.logs or not isinstance(func, cst.Attribute) or func.attr.value not in _LEVELS:
        return False
    if any(arg.keyword is not None or arg.star for arg in call.args):
        return False
    return not names.hooks.on_attribute(func.attr.value) and _is_logger(func.value, names)


def _is_logger(node: cst.BaseExpression, names: Names) -> bool:
    """Whether an expression names the module `logging`, or what its `getLogger` gave."""
    if names.dotted(node) == "logging":
        return True
    return isinstance(node, cst.Name) and _maker(node, names) == "logging.getLogger"


def _hooks_in(call: cst.Call, names: Names) -> bool:
    """Whether a call has logging run other code than its own, or may."""
    name = call.func.attr if isinstance(call.func, cst.Attribute) else call.func
    if not isinstance(name, cst.Name):
        return False
    if name.value == "setattr":
        key = call.args[1].value if len(call.args) > 1 else None
        return isinstance(key, cst.SimpleString) and key.evaluated_value in _LEVELS
    if name.value == "addHandler":
        return not (len(call.args) == 1 and _is_of_logging(call.args[0].value, names))
    handlers = [arg for arg in call.args if arg.keyword is not None and arg.keyword.value == "handlers"]
    return name.value in _HOOKING or (name.value == "basicConfig" and bool(handlers)) or name.value == "dictConfig"


def _replaces(target: cst.AssignTarget) -> bool:
    """Whether an assignment may give a logger another method."""
    return isinstance(target.target, cst.Attribute) and target.target.attr.value in _LEVELS


def _is_of_logging(node: cst.BaseExpression, names: Names) -> bool:
    """Whether an expression is a handler of the module `logging` itself."""
    maker = _maker(node, names)
    return maker is not None and maker.startswith("logging.")


def _maker(node: cst.BaseExpression, names: Names) -> str | None:
    """The dotted name of what is called to make the value of an expression: a call, or the only value of a name."""
    binder = names.only_binder(node) if isinstance(node, cst.Name) else None
    if isinstance(binder, cst.Assign) and all(isinstance(one.target, cst.Name) for one in binder.targets):
        node = binder.value
    return names.dotted(node.func) if isinstance(node, cst.Call) else None
