"""What the text of an inferred operand is worth in a frame, as far as that can be known without running user code."""

from __future__ import annotations

import ast
import builtins
import functools
import inspect
import sys
import types
from collections.abc import Callable, Mapping
from typing import Any

from rayinfer.runtime.nodes import Node

UNKNOWN = object()
_ARITHMETIC: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: int.__add__,
    ast.Sub: int.__sub__,
    ast.Mult: int.__mul__,
}


def worth(text: str, frame: types.FrameType) -> Any:
    """The value that an expression has in a frame; `UNKNOWN` where knowing it would run the program's code.

    Options are left out: `f.options(...)` is worth what `f` is.
    """
    tree = _parsed(text)
    if tree is None:
        return UNKNOWN
    while isinstance(tree, ast.Call) and isinstance(tree.func, ast.Attribute) and tree.func.attr == "options":
        tree = tree.func.value
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return _worth(tree, {name: _look_up(name, frame) for name in names})


@functools.lru_cache(maxsize=1000)
def _parsed(text: str) -> ast.expr | None:
    try:
        return ast.parse(f"({text})", mode="eval").body
    except SyntaxError:
        return None


def _look_up(name: str, frame: types.FrameType) -> Any:
    here = frame.f_locals
    found = here.get(name, UNKNOWN)
    if frame.f_code.co_flags & inspect.CO_OPTIMIZED and sys.version_info < (3, 13):
        # This dictionary is a copy, which would keep alive what the program lets go of.
        here.clear()
    return frame.f_globals.get(name, getattr(builtins, name, UNKNOWN)) if found is UNKNOWN else found


def _worth(tree: ast.expr, names: Mapping[str, Any]) -> Any:
    if isinstance(tree, ast.Constant):
        return tree.value
    if isinstance(tree, ast.Name):
        return names[tree.id]
    if isinstance(tree, ast.Attribute):
        return _attribute(_worth(tree.value, names), tree.attr)
    if isinstance(tree, ast.Subscript):
        return _item(_worth(tree.value, names), _worth(tree.slice, names))
    if isinstance(tree, ast.BinOp) and type(tree.op) in _ARITHMETIC:
        left, right = _worth(tree.left, names), _worth(tree.right, names)
        if type(left) is int and type(right) is int:
            return _ARITHMETIC[type(tree.op)](left, right)
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and names[tree.func.id] is len and tree.args:
        value = _worth(tree.args[0], names)
        if isinstance(value, Node) or type(value) in (list, tuple, dict, set, str, range):
            return len(value)
    return UNKNOWN


def _attribute(value: Any, name: str) -> Any:
    if value is UNKNOWN:
        return UNKNOWN
    found = inspect.getattr_static(value, name, UNKNOWN)
    return UNKNOWN if hasattr(type(found), "__get__") and not _is_own(value, name) else found


def _is_own(value: Any, name: str) -> bool:
    own = inspect.getattr_static(value, "__dict__", None)
    return isinstance(value, types.ModuleType) or (type(own) is dict and name in own)


def _item(value: Any, key: Any) -> Any:
    if type(value) is dict and type(key) in (str, int):
        return value.get(key, UNKNOWN)
    if type(value) in (list, tuple) and type(key) is int and -len(value) <= key < len(value):
        return value[key]
    return UNKNOWN
