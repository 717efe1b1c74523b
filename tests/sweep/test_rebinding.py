"""Programs in which `ray`, a task's name or the module's names are not what they seem: left alone, or guarded."""

from __future__ import annotations

from pathlib import Path

import pytest

from rayinfer.compiler import compile_source
from tests.cases import running

FUNCTION = "def main(k):\n    xs = [f.remote(i) for i in range(k)]\n    return ray.get(xs)\n\n\nprint(main(3))\n"
MODULE = "xs = [f.remote(i) for i in range(3)]\nprint(ray.get(xs))\n"
# Statements that bind `ray` to something else; `;` separates lines.
BINDINGS = """\
ray = other
ray: object = other
ray, x = other, 1
[*ray] = other
print(ray := other)
x = [ray := i for i in other]
ray += 1
for ray in other: pass
with other as ray: pass
with other as (ray, x): pass
try:;    pass;except ValueError as ray:;    pass
def ray(): pass
async def ray(): pass
class ray: pass
del ray
import other as ray
import os as x, elsewhere as ray
from other import ray
from other import x as ray
from .other import ray
if other:;    ray = None
while other:;    ray = None;    break
match other:;    case ray: pass
match other:;    case [*ray]: pass
match other:;    case {**ray}: pass
match other:;    case x(a=ray): pass
match other:;    case [1 as ray]: pass
def g():;    global ray;    ray = other
def g():;    global ray;    del ray
def g():;    global ray;    for ray in other: pass
class C:;    global ray;    ray = other
"""
# Statements after which no name of the file, or attribute of ray, can be followed.
TRICKS = """\
globals()["f"] = other
globals().update(f=other)
vars()["f"] = other
locals()["f"] = other
exec("f = other")
eval("globals()")["f"] = other
import sys; sys.modules[__name__].f = other
import sys; setattr(sys.modules[__name__], "f", other)
import sys; sys.modules.get(__name__).f = other
import sys as s; m = s.modules; m[__name__].f = other
from sys import modules as m; m[__name__].f = other
import importlib; importlib.import_module(__name__).f = other
from importlib import import_module; setattr(import_module("__main__"), "f", other)
import __main__; __main__.f = other
import builtins; builtins.globals()["f"] = other
import builtins; builtins.exec("f = other")
import builtins; builtins.range = other
getattr(__builtins__, "globals")()["f"] = other
__import__(__name__).f = other
import inspect; inspect.currentframe().f_globals["f"] = other
import inspect; inspect.stack()[0].frame.f_globals["f"] = other
import sys; sys._getframe().f_globals["f"] = other
def g(): pass;g.__globals__["f"] = other
from unittest import mock; mock.patch(__name__ + ".f", other).start()
from unittest import mock; mock.patch("__main__.f", other).start()
from unittest import mock; mock.patch("ray.get", other).start()
from unittest import mock; mock.patch.object(ray, "get", other).start()
from unittest.mock import patch; patch.object(f, "remote", other).start()
def test(monkeypatch): monkeypatch.setattr(ray, "get", other)
def test(monkeypatch): monkeypatch.setattr("ray.get", other)
ray.get = other
ray.remote: object = other
ray.get, x = other, 1
del ray.get
for ray.put in other: pass
with other as ray.wait: pass
ray.get += 1
setattr(ray, "get", other)
setattr(ray, other, other)
delattr(ray, "get")
ray.__dict__["get"] = other
ray.__setattr__("get", other)
import importlib; importlib.reload(ray)
import ray as r; r.get = other
f.remote = other
setattr(f, "remote", other)
import numpy as np; np.zeros = other
import time; time.time = other
"""


def program(before: str, after: str, end: str) -> bytes:
    """A program with statements before and after its task is defined."""
    parts = ["import ray", before, "\n\n@ray.remote", "def f(x):", "    return x", "\n", after, end]
    return "\n".join(parts).encode()


def statements(lines: str, separator: str = ";") -> list[str]:
    return [line.replace(separator, "\n") for line in lines.splitlines()]


# What `other` is where such a program is run.
OTHER = """\
class Task:
    def remote(self, x):
        print("called with", x)
        return x


class Other:
    a = 1

    def remote(self, function):
        return Task()

    def get(self, refs):
        return type(refs).__name__, str(refs)[:9]

    def __iter__(self):
        return iter([self, self])

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return False

    def __repr__(self):
        return "other"

    def __radd__(self, value):
        return self


other = Other()
"""


@pytest.mark.parametrize("statement", statements(BINDINGS))
def test_ray_is_bound_to_something_else(statement: str, tmp_path: Path) -> None:
    case = tmp_path / "p.py"
    for end in (FUNCTION, MODULE):
        for data in (program(statement, "", end), program("", statement, end)):
            case.write_bytes(data.replace(b"import ray\n", b"import ray\n" + OTHER.encode(), 1))
            result = compile_source(case.read_bytes(), "p.py")
            assert len(result.groups) == 1
            # What is not known to be a task is a group that is checked when it runs, or none.
            codes = {remark.code for remark in result.remarks if remark.code not in ("RI001", "RI202")}
            assert codes and codes <= {"RI102", "RI104", "RI206"}
            assert compile_source(result.output, "p.py").output == result.output
            plain = running.plain_inline(case)
            assert running.rewritten_inline(result, case) == plain
            assert running.rewritten_deferred(result, case) == plain


@pytest.mark.parametrize("statement", [line.replace("pass;", "pass\n") for line in TRICKS.splitlines()])
def test_names_that_cannot_be_followed(statement: str) -> None:
    for end in (FUNCTION, MODULE):
        for data in (program(statement, "", end), program("", statement, end)):
            result = compile_source(data, "p.py")
            assert result.output == data
            assert {remark.code for remark in result.remarks} <= {"RI110", "RI115"} and len(result.remarks) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "def __getattr__(name): return name",
        "import sys; print('ray' in sys.modules, 'x' not in sys.modules)",
        "class C: pass\nc = C(); c.get = 1; c.modules = 2; setattr(c, 'get', 3); print(vars(c), c.__dict__)",
        "import logging; logging.getLogger(__name__)",
        "print(__name__)",
        "class D:\n    def __getattr__(self, name): return name\nprint(D().remote, D().get)",
    ],
)
@pytest.mark.parametrize("end", [FUNCTION, MODULE], ids=["function", "module"])
def test_what_only_looks_like_it(statement: str, end: str, tmp_path: Path) -> None:
    case = tmp_path / "p.py"
    case.write_bytes(program("", statement, end))
    result = compile_source(case.read_bytes(), "p.py")
    assert result.changed
    plain = running.plain_inline(case)
    assert plain[1].endswith("[0, 1, 2]\n")
    assert running.rewritten_inline(result, case) == plain


GUARDED = {
    "plain function": "def f(x):\n    return x\n",
    "class": "class f:\n    def remote(self, x):\n        return x\n",
    "another task": "@ray.remote\ndef f(x):\n    return x + 1\n",
    "actor class": "@ray.remote\nclass f:\n    def __init__(self, x):\n        self.x = x\n",
    "an object with a remote of its own": "class F:\n    def remote(self, x):\n        return ray.put(x)\nf = F()\n",
    "under a condition": "if ray:\n    f = None\n",
    "bound to itself": "f = f\n",
    "with options": "f = f.options(num_cpus=1)\n",
    "deleted": "del f\n",
    "star import": "from math import *\n",
}


@pytest.mark.parametrize("after", GUARDED.values(), ids=GUARDED.keys())
def test_a_task_bound_again_runs_the_same(after: str, tmp_path: Path) -> None:
    end = """\
def main(k):
    try:
        xs = [f.remote(i) for i in range(k)]
        print(len(xs))
        print(ray.get(xs))
    except Exception as error:
        print(type(error).__name__, str(error)[:40])


main(0)
main(3)
"""
    case = tmp_path / "p.py"
    case.write_bytes(program("", after, end))
    result = compile_source(case.read_bytes(), "p.py")
    assert compile_source(result.output, "p.py").output == result.output
    plain = running.plain_inline(case)
    assert running.rewritten_inline(result, case) == plain
    assert running.rewritten_deferred(result, case) == plain


BRANCHES = {
    "in one branch": "import sys\nif len(sys.argv) >= 0:\n    import ray\n",
    "in the branch that is not taken": "import sys\nimport ray as other\nif len(sys.argv) < 0:\n    import ray\n",
    "in a try": "try:\n    import ray\nexcept ImportError:\n    ray = None\n",
    "in a try that does not bind it": "try:\n    import ray\nexcept ImportError:\n    pass\n",
    "as two names": "import ray\nimport ray as other\n",
    "twice": "import ray\nimport ray.util\nimport ray\n",
}


@pytest.mark.parametrize("head", BRANCHES.values(), ids=BRANCHES.keys())
@pytest.mark.parametrize("end", [FUNCTION, MODULE], ids=["function", "module"])
def test_ray_imported_on_some_paths_runs_the_same(head: str, end: str, tmp_path: Path) -> None:
    case = tmp_path / "p.py"
    case.write_bytes(program("", "", end).replace(b"import ray\n", head.encode(), 1))
    result = compile_source(case.read_bytes(), "p.py")
    assert compile_source(result.output, "p.py").output == result.output
    plain = running.plain_inline(case)
    assert running.rewritten_inline(result, case) == plain
