"""Iterators that may run the program's own code between two members, and so must find submitted what is before it."""

from __future__ import annotations

import collections
import itertools
from collections.abc import Callable, Iterator
from types import CodeType, GeneratorType
from typing import Any

_OVER: tuple[Any, ...] = (
    [], (), {}, {}.keys(), {}.values(), {}.items(), set(), "", b"", bytearray(), range(0), range(2**70),
    collections.deque(), memoryview(b""),
)  # fmt: skip
_BACKWARDS: tuple[Any, ...] = ([], {}, {}.keys(), {}.values(), {}.items(), collections.deque(), range(0))
_COMBINED: tuple[type, ...] = (
    itertools.product, itertools.combinations, itertools.combinations_with_replacement, itertools.permutations,
    itertools.repeat, itertools.count,
)  # fmt: skip
# Iterators over containers: taking an item runs no code of the program.
_PLAIN = frozenset({*(type(iter(o)) for o in _OVER), *(type(reversed(o)) for o in _BACKWARDS), *_COMBINED})
_CONTAINERS = frozenset({list, tuple, dict, set, frozenset, str, bytes, range})
_WRAPPERS = (enumerate, zip, reversed)
_SEQUENCE_ITERATOR = type(iter(type("Sequence", (), {"__getitem__": lambda self, index: None})()))
_SEQUENCES = frozenset({"numpy", "array"})
_ours: set[CodeType | type] = set()


def may_run_code(iterator: Any) -> bool:
    """Whether taking an item of an iterator may run code of the program: of a generator, or of a class of its own."""
    kind = type(iterator)
    if kind in _PLAIN or kind in _CONTAINERS or kind in _ours:
        return False
    if kind in _WRAPPERS or kind is _SEQUENCE_ITERATOR:
        return _wraps_code(iterator)
    if kind is GeneratorType:
        return iterator.gi_code not in _ours and not _is_progress_bar(iterator)
    return True


def _wraps_code(iterator: Any) -> bool:
    try:
        inner = iterator.__reduce__()[1]
    except Exception:
        return True
    parts = inner[:1] if isinstance(iterator, enumerate) else inner
    if type(iterator) is _SEQUENCE_ITERATOR:
        return not inner or type(inner[0]).__module__ not in _SEQUENCES
    return any(may_run_code(part) for part in parts)


def _is_progress_bar(generator: GeneratorType[Any, Any, Any]) -> bool:
    """Whether this is tqdm over a plain iterable: it prints when it likes."""
    frame = generator.gi_frame
    if frame is None or not str(frame.f_globals.get("__name__", "")).startswith("tqdm"):
        return False
    try:
        return not may_run_code(iter(frame.f_locals["self"].iterable))
    except Exception:
        return False


def is_ours(iterates: type[Iterator[Any]] | Callable[..., Iterator[Any]]) -> None:
    """Say that a generator function or a kind of iterators of rayinfer's own runs no code of the program."""
    _ours.add(iterates if isinstance(iterates, type) else iterates.__code__)


def plain_error(error: BaseException, members: Any) -> BaseException:
    """What the plain program's comprehension raises, where our generator expression raises `error`.

    A StopIteration out of one of its own expressions leaves a generator as a RuntimeError.
    """
    cause = error.__cause__
    if type(error) is not RuntimeError or not isinstance(cause, StopIteration) or type(members) is not GeneratorType:
        return error
    raised = cause.__traceback__
    return cause if raised is not None and raised.tb_frame.f_code is members.gi_code else error


def source_of(members: Any) -> Any:
    """The iterator that a generator expression goes over first; None for anything else."""
    frame = members.gi_frame if type(members) is GeneratorType else None
    return None if frame is None else frame.f_locals.get(".0")
