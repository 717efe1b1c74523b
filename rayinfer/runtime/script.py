"""Run a rewritten script in memory so that it is, for itself and for its user, the file that was named."""

from __future__ import annotations

import ast
import builtins
import sys
import threading
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rayinfer.runtime.frames import hide_our_frames

INTERRUPTED = 130


def compile_script(source: bytes, output: bytes, line_map: Sequence[int], path: str) -> types.CodeType:
    """The code of the rewritten text, with the file name and the lines of the user's own text.

    `line_map[new_line - 1]` is the line of `source` that line `new_line` of `output` stands for. Columns are kept where
    the line's text is the user's own; elsewhere there are none, so that no traceback underlines the wrong words.
    """
    if output == source:
        return compile(source, path, "exec", dont_inherit=True)
    tree = ast.parse(output, path)
    old_lines, new_lines = source.splitlines(), output.splitlines()
    same = [
        old <= len(old_lines) and new <= len(new_lines) and old_lines[old - 1] == new_lines[new - 1]
        for new, old in enumerate(line_map, start=1)
    ]
    for node in ast.walk(tree):
        if hasattr(node, "lineno"):
            _place(node, line_map, same)
    return compile(tree, path, "exec", dont_inherit=True)


def _place(node: Any, line_map: Sequence[int], same: Sequence[bool]) -> None:
    first, last = node.lineno, node.end_lineno or node.lineno
    kept = all(same[line - 1] for line in range(first, last + 1))
    node.lineno = line_map[first - 1]
    node.end_lineno = max(node.lineno, line_map[last - 1])
    if not kept or node.end_lineno - node.lineno != last - first:
        node.end_lineno = node.lineno
        node.col_offset = node.end_col_offset = -1


def run_script(code: types.CodeType, path: str, arguments: Sequence[str], show_all: bool = False) -> int:
    """Run `code` as `python path arguments...` would run the file `path`, and give the exit code.

    The script sees its own `sys.argv`, `sys.path[0]`, `__file__` and `__main__`, which stay in place for what runs at
    exit. An exception is shown by `sys.excepthook`, with `show_all` also its frames inside of rayinfer.
    """
    main = types.ModuleType("__main__")
    main.__dict__.update(__file__=code.co_filename, __builtins__=builtins, __annotations__={}, __cached__=None)
    sys.modules["__main__"] = main
    sys.argv = [path, *arguments]
    sys.path[0] = "" if path == "-" else str(Path(path).resolve().parent)
    try:
        exec(code, main.__dict__)
    except SystemExit as leaving:
        return exit_code(leaving)
    except BaseException as error:
        show(error, show_all)
        return INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1
    finally:
        _flush()
    return 0


def wait_for_threads() -> None:
    """Wait for the script's own threads, as Python does when it ends."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()


def exit_code(leaving: SystemExit) -> int:
    """The exit code that Python gives a SystemExit; a text is printed on standard error."""
    if leaving.code is None:
        return 0
    if isinstance(leaving.code, int):
        return leaving.code & 0xFF
    print(leaving.code, file=sys.stderr)
    return 1


def show(error: BaseException, show_all: bool) -> None:
    """Hand an uncaught exception to `sys.excepthook`, with the frames of the user's program alone or with all."""
    if not show_all:
        hide_our_frames(error)
    _flush()
    sys.excepthook(type(error), error, error.__traceback__)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and not stream.closed:
            stream.flush()
