"""Which functions do nothing but compute, so that no task can wait for another inside of them."""

from __future__ import annotations

import re
import types
from typing import Any

from rayinfer.passes.hazards import captured, codes, imports, installed, loaded_globals

# Modules whose functions neither wait for anything but time nor reach anything that other tasks could change.
_COMPUTING = frozenset(
    {
        "_bisect", "_collections", "_functools", "_heapq", "_json", "_operator", "_random", "_statistics", "_struct",
        "array", "base64", "binascii", "bisect", "builtins", "calendar", "cmath", "collections", "copy", "datetime",
        "decimal", "difflib", "enum", "fractions", "functools", "hashlib", "heapq", "itertools", "json", "math",
        "numbers", "numpy", "operator", "random", "re", "statistics", "string", "struct", "textwrap", "time", "typing",
        "unicodedata", "zlib",
    }
)  # fmt: skip
# What reaches further than that, as builtins or in one of these modules.
_REACHING = frozenset(
    {
        "__import__", "breakpoint", "compile", "ctypeslib", "DataSource", "eval", "exec", "fromfile", "genfromtxt",
        "globals", "input", "lib", "load", "loadtxt", "memmap", "open", "open_memmap", "vars",
    }
)  # fmt: skip
_PLAIN = frozenset({type(None), bool, int, float, complex, str, bytes, range, type(Ellipsis)})
_MOST = 1000


def only_computes(function: Any) -> bool:
    """Whether a function, and those of the program that it calls, use nothing but their arguments, plain values and
    modules that compute.

    `hazard` says what is known to wait; this says what is known not to.
    """
    if not isinstance(function, types.FunctionType):
        return False
    seen: set[int] = set()
    work = [function]
    while work:
        current = work.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        for code in codes(current.__code__):
            if _REACHING & set(code.co_names) or any(not _is_computing(name) for name in imports(code)):
                return False
        names = {name for code in codes(current.__code__) for name in loaded_globals(code)}
        if not all(_computes(value, work) for value in captured(current, names)):
            return False
    return True


def _computes(value: Any, work: list[types.FunctionType]) -> bool:
    if isinstance(value, types.FunctionType) and not installed(value.__module__, value.__code__.co_filename):
        work.append(value)
        return True
    if isinstance(value, types.ModuleType):
        return _is_computing(value.__name__)
    if isinstance(value, types.FunctionType | types.BuiltinFunctionType | type):
        return _is_computing(value.__module__ or "") and value.__name__ not in _REACHING
    if type(value).__name__ == "ufunc":
        return True
    return _is_plain(value)


def _is_computing(module: str) -> bool:
    return module.partition(".")[0] in _COMPUTING


def _is_plain(value: Any, depth: int = 0) -> bool:
    """Whether a value is plain data: numbers, text, arrays of numbers, and containers of them."""
    kind = type(value)
    if kind in _PLAIN or kind is re.Pattern:
        return True
    if kind.__module__ == "numpy":
        return hasattr(value, "dtype") and not value.dtype.hasobject and kind.__name__ != "memmap"
    if kind not in (list, tuple, set, frozenset, dict) or depth > 4 or len(value) > _MOST:
        return False
    held = [*value, *value.values()] if kind is dict else value
    return all(_is_plain(item, depth + 1) for item in held)
