"""Programs that change what the compiler relies on: attributes of ray and of builtins, or the `remote` of a task."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

import libcst as cst

from rayinfer.facts.names import Names

# The modules whose functions the table of effects knows.
_RELIED_ON = frozenset({"builtins", "copy", "functools", "itertools", "math", "numpy", "os", "random", "ray", "time"})
# The last names of calls that set an attribute: of setattr, and of the ways that pytest and unittest.mock have.
_SETTERS = frozenset({"setattr", "delattr", "__setattr__", "__delattr__", "patch", "object", "multiple", "reload"})


def patched(nodes: Iterable[cst.CSTNode], parents: Mapping[int, cst.CSTNode], names: Names) -> cst.CSTNode | None:
    """The first of a file's nodes that may change an attribute of ray, of a builtin, or the `remote` of any object."""
    for node in nodes:
        if isinstance(node, cst.Attribute):
            if _is_target(node, parents) and _matters(node, names):
                return node
            if node.attr.value == "__dict__" and _is_module(node.value, names):
                return node
        elif isinstance(node, cst.Call) and _last_name(node.func) in _SETTERS:
            if any(_sets(arg.value, names) for arg in node.args):
                return node
    return None


def _is_target(node: cst.CSTNode, parents: Mapping[int, cst.CSTNode]) -> bool:
    """Whether an attribute is assigned to or deleted here."""
    child, parent = node, parents.get(id(node))
    while isinstance(parent, cst.Element | cst.StarredElement | cst.Tuple | cst.List):
        child, parent = parent, parents.get(id(parent))
    if isinstance(parent, cst.AnnAssign | cst.AugAssign | cst.For | cst.CompFor):
        return parent.target is child
    return isinstance(parent, cst.AssignTarget | cst.Del | cst.AsName)


def _matters(node: cst.Attribute, names: Names) -> bool:
    dotted = names.dotted(node)
    return node.attr.value == "remote" or (dotted is not None and _is_relied_on(dotted))


def _is_relied_on(dotted: str) -> bool:
    parts = dotted.split(".")
    # Settings deep inside of ray are nothing that the compiler knows of.
    return parts[0] in _RELIED_ON and len(parts) > 1 and (parts[0] != "ray" or len(parts) == 2)


def _sets(value: cst.BaseExpression, names: Names) -> bool:
    """Whether an argument of a setter names a module, or an attribute that matters: `ray`, `"ray.get"`, `"remote"`."""
    if isinstance(value, cst.SimpleString):
        text = ast.literal_eval(value.value)
        return text == "remote" or (isinstance(text, str) and _is_relied_on(text))
    return _is_module(value, names)


def _is_module(node: cst.BaseExpression, names: Names) -> bool:
    return names.dotted(node) in _RELIED_ON


def _last_name(func: cst.BaseExpression) -> str:
    if isinstance(func, cst.Attribute):
        return func.attr.value
    return func.value if isinstance(func, cst.Name) else ""
