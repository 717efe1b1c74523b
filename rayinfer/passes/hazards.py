"""What in a function's code forbids running it beside another in one process: it calls Ray, waits, or may exit."""

from __future__ import annotations

import dis
import inspect
import sys
import types
from collections.abc import Collection, Iterator
from typing import Any, cast

_WAITING_MODULES = frozenset(
    {
        "threading", "_thread", "multiprocessing", "queue", "_queue", "asyncio", "concurrent", "socket", "_socket",
        "socketserver", "ssl", "select", "selectors", "subprocess", "signal", "fcntl", "http", "urllib", "requests",
        "urllib3", "aiohttp", "httpx", "grpc", "redis", "zmq", "filelock", "websocket", "psutil",
    }
)  # fmt: skip
_WAITING_NAMES = frozenset(
    {
        "Lock", "RLock", "Condition", "Barrier", "Event", "Semaphore", "BoundedSemaphore", "acquire", "wait",
        "wait_for", "Popen", "system", "flock", "lockf", "recv", "accept", "connect", "remote",
    }
)  # fmt: skip
_LEAVING_NAMES = frozenset(
    {
        "_exit", "exit", "quit", "SystemExit", "KeyboardInterrupt", "abort", "kill", "killpg", "fork", "execv",
        "execve",
    }
)  # fmt: skip
# A loop that looks at one of these may be polling for something another task does.
_POLLING_NAMES = frozenset(
    {
        "sleep", "exists", "isfile", "isdir", "is_file", "is_dir", "stat", "listdir", "glob", "iglob", "scandir",
    }
)  # fmt: skip
# The same of a `while` loop, where a `for` loop may well look at one thing after the other.
_LOOKING_NAMES = frozenset(
    {
        "access", "getmtime", "getsize", "lexists", "open", "read_bytes", "read_text", "readlink",
    }
)  # fmt: skip
_MAX_FUNCTIONS = 200


def hazard(function: Any) -> str | None:
    """Why `function` must not share a process with other tasks of its region, or None when nothing was found.

    Looks through nested code and the plain functions that the code reaches by global name, attribute of a module of
    the program, closure or default. Functions of installed packages are trusted unless they are of a module that waits.
    """
    if not isinstance(function, types.FunctionType):
        return "is not a plain Python function"
    if inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function):
        return "is a generator or a coroutine"
    if inspect.isasyncgenfunction(function):
        return "is an asynchronous generator"
    seen: set[int] = set()
    work: list[types.FunctionType] = [function]
    while work:
        current = work.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        if len(seen) > _MAX_FUNCTIONS:
            return "reaches too many functions to look through"
        why = _function_hazard(current, work)
        if why is not None:
            return why
    return None


def _function_hazard(function: types.FunctionType, work: list[types.FunctionType]) -> str | None:
    names: set[str] = set()
    loaded: set[str] = set()
    for code in codes(function.__code__):
        own = set(code.co_names) | set(code.co_freevars)
        names |= own
        loaded.update(loaded_globals(code))
        found = own & _WAITING_NAMES or own & _LEAVING_NAMES
        if found:
            return f"uses {min(found)}"
        polled = own & _POLLING_NAMES
        if polled and _has_loop(code):
            return f"uses {min(polled)} in a loop"
        looked = own & _LOOKING_NAMES
        if looked and _has_while(code):
            return f"uses {min(looked)} in a while loop"
        for imported in imports(code):
            root = imported.partition(".")[0]
            if root == "ray" or root in _WAITING_MODULES:
                return f"imports {imported}"
    for value in captured(function, loaded):
        why = _value_hazard(value, names, work)
        if why is not None:
            return why
    return None


def _value_hazard(value: Any, names: set[str], work: list[types.FunctionType]) -> str | None:
    if isinstance(value, types.ModuleType):
        root = value.__name__.partition(".")[0]
        if root == "ray" or root in _WAITING_MODULES:
            return f"uses the module {value.__name__}"
        if not installed(value.__name__, getattr(value, "__file__", None)):
            work.extend(v for n, v in vars(value).items() if n in names and isinstance(v, types.FunctionType))
            for name in names & vars(value).keys():
                if _of_ray(vars(value)[name]):
                    return f"uses {name} of Ray"
        return None
    if _of_ray(value):
        return "uses an object of Ray"
    module = (getattr(value, "__module__", None) or type(value).__module__ or "").partition(".")[0]
    if module in _WAITING_MODULES or type(value).__module__.partition(".")[0] in _WAITING_MODULES:
        return f"uses {module}"
    if isinstance(value, types.FunctionType):
        if not installed(value.__module__, value.__code__.co_filename):
            work.append(value)
    elif isinstance(value, type):
        if module not in ("builtins",) and not installed(value.__module__, _file_of(value)):
            for member in vars(value).values():
                inner: Any = getattr(member, "__func__", getattr(member, "fget", member))
                if isinstance(inner, types.FunctionType):
                    work.append(inner)
    elif isinstance(value, types.MethodType):
        if not installed(value.__module__, value.__func__.__code__.co_filename):
            work.append(cast(types.FunctionType, value.__func__))
    elif isinstance(value, (list, tuple, set, frozenset, dict)):
        values = list(value.values()) if isinstance(value, dict) else list(value)
        for item in values[:_MAX_FUNCTIONS]:
            if isinstance(item, types.FunctionType):
                work.append(item)
            elif _of_ray(item):
                return "uses an object of Ray"
        if len(values) > _MAX_FUNCTIONS and not isinstance(values[0], (int, float, str, bytes)):
            return "reaches a container too large to look through"
    elif not installed(type(value).__module__, _file_of(type(value))) and module != "builtins":
        for member in vars(type(value)).values():
            if isinstance(member, types.FunctionType):
                work.append(member)
        for held in getattr(value, "__dict__", {}).values():
            if _of_ray(held) or type(held).__module__.partition(".")[0] in _WAITING_MODULES:
                return "uses an object that holds a lock or an object of Ray"
    return None


def _of_ray(value: Any) -> bool:
    kind = value if isinstance(value, type) else type(value)
    if kind.__module__.partition(".")[0] == "ray":
        return True
    if isinstance(value, type):
        return any(base.__module__.partition(".")[0] == "ray" for base in value.__mro__)
    return isinstance(value, types.FunctionType | types.BuiltinFunctionType) and (value.__module__ or "").startswith(
        "ray."
    )


def codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """A code object, and those of the functions, lambdas and comprehensions inside it."""
    yield code
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            yield from codes(const)


def captured(function: types.FunctionType, names: Collection[str]) -> list[Any]:
    """What a function has of its module by these names, of enclosing functions, and as defaults of its parameters."""
    found = [function.__globals__[name] for name in names if name in function.__globals__]
    found += [cell.cell_contents for cell in function.__closure__ or () if _filled(cell)]
    return [*found, *(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]


def _has_loop(code: types.CodeType) -> bool:
    return any(True for _ in _loop_starts(code))


def _has_while(code: types.CodeType) -> bool:
    return any(start != "FOR_ITER" for start in _loop_starts(code))


def _loop_starts(code: types.CodeType) -> Iterator[str]:
    """The names of the instructions that a piece of code jumps back to."""
    instructions = list(dis.get_instructions(code))
    at: dict[int, str] = {}
    for instruction in reversed(instructions):
        # The long form of an instruction begins with the high bits of its argument.
        following = at.get(instruction.offset + 2, "")
        at[instruction.offset] = following if instruction.opname == "EXTENDED_ARG" else instruction.opname
    for instruction in instructions:
        if instruction.opcode in dis.hasjrel + dis.hasjabs and instruction.argval <= instruction.offset:
            yield at[instruction.argval]


def loaded_globals(code: types.CodeType) -> Iterator[str]:
    """The global names that a piece of code reads: an attribute of the same name is another thing."""
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            yield instruction.argval


def imports(code: types.CodeType) -> Iterator[str]:
    """The modules that a piece of code imports."""
    for instruction in dis.get_instructions(code):
        if instruction.opname == "IMPORT_NAME":
            yield instruction.argval


def _filled(cell: types.CellType) -> bool:
    """Whether a variable of an enclosing function has a value that is not None."""
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


def _file_of(kind: type) -> str | None:

    return getattr(sys.modules.get(kind.__module__), "__file__", None)


def installed(module: str | None, file: str | None) -> bool:
    """Whether this code is of the standard library or an installed package, and not of the program itself."""
    root = (module or "").partition(".")[0]
    if root in sys.stdlib_module_names and root != "__main__":
        return True
    if file is None:
        return root not in ("", "__main__", "__mp_main__")
    return "site-packages" in file or "dist-packages" in file or file.startswith("<frozen")
