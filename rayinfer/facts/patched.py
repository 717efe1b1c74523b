"""Programs that change what the compiler relies on: attributes of ray and of builtins, or names of their own module."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

import libcst as cst

from rayinfer.facts.names import Names
from rayinfer.facts.syntax import last_name
from rayinfer.facts.walk import walk

# The modules whose functions the table of effects knows.
_RELIED_ON = frozenset({"builtins", "copy", "functools", "itertools", "math", "numpy", "os", "random", "ray", "time"})
# The last names of calls that find a module by its name.
_FINDERS = frozenset({"import_module", "patch", "setattr", "delattr", "reload"})
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
        elif isinstance(node, cst.Call) and last_name(node.func) in _SETTERS:
            of_module = isinstance(node.func, cst.Attribute) and _is_module(node.func.value, names)
            if of_module or any(_sets(arg.value, names) for arg in node.args):
                return node
    return None


def own_module(nodes: Iterable[cst.CSTNode], parents: Mapping[int, cst.CSTNode], names: Names) -> cst.CSTNode | None:
    """The first of a file's nodes that may find the module itself as an object, whose attributes are its names."""
    for node in nodes:
        if isinstance(node, cst.Attribute) and node.attr.value == "modules":
            if (
                isinstance(node.value, cst.Name)
                and names.may_be(node, "sys.modules")
                and not _is_compared(node, parents)
            ):
                return node
        elif isinstance(node, cst.ImportFrom):
            if isinstance(node.module, cst.Name) and node.module.value == "sys" and _imports(node, "modules"):
                return node
        elif isinstance(node, cst.Call) and last_name(node.func) in _FINDERS and _names_itself(node):
            return node
    return None


def _is_compared(node: cst.CSTNode, parents: Mapping[int, cst.CSTNode]) -> bool:
    """Whether a node is what `in` or `not in` looks into."""
    parent = parents.get(id(node))
    return isinstance(parent, cst.ComparisonTarget) and isinstance(parent.operator, cst.In | cst.NotIn)


def _imports(node: cst.ImportFrom, name: str) -> bool:
    return isinstance(node.names, cst.ImportStar) or any(alias.evaluated_name == name for alias in node.names)


def _names_itself(call: cst.Call) -> bool:
    """Whether an argument holds `__name__`, or a text that speaks of `__main__`."""
    for part in (part for arg in call.args for part in walk(arg)):
        if isinstance(part, cst.Name) and part.value == "__name__":
            return True
        if isinstance(part, cst.SimpleString) and "__main__" in part.value:
            return True
    return False


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
