"""Reaching definitions against CPython's bytecode and against beniget, on programs of every form and real files."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

import pytest

from tests.facts import definitions
from tests.facts.bytecode import ENTRY, SUPPORTED, reaching
from tests.facts.definitions import compare

pytestmark = pytest.mark.skipif(not SUPPORTED, reason="the bytecode of this Python has superinstructions")
_LIBRARY = Path(sysconfig.get_paths()["stdlib"])
_NAMES = """
argparse ast asyncio/tasks bdb configparser contextlib copy csv dataclasses difflib doctest email/message enum functools
heapq http/client inspect json/decoder logging/config pathlib pdb pickle queue shelve ssl subprocess tarfile tempfile
test/test_except_star test/test_named_expressions test/test_patma test/test_with textwrap typing unittest/case zipfile
"""
_FILES = [path for name in _NAMES.split() if (path := _LIBRARY / f"{name}.py").exists()]
# Whole functions of a construct each; `use` marks what must be followed.
_FORMS = {
    "branches": """
def f(c):
 if c:
  x = 1
 elif c > 2:
  x = 2
 return x
""",
    "loop with else": """
def f(xs):
 for x in xs:
  if x:
   y = 1
   break
 else:
  y = 2
 return x, y
""",
    "while with else": """
def f(n):
 while n:
  n = n - 1
  if n > 5:
   continue
 else:
  n = 7
 return n
""",
    "try": """
def f(g):
 x = 0
 try:
  x = 1
  g()
  x = 2
 except ValueError as e:
  y = x, e
 else:
  y = x
 finally:
  z = x
 return y, z
""",
    "return in finally": """
def f(g):
 x = 1
 try:
  return g(x)
 finally:
  x = 2
  g(x)
""",
    "with": """
def f(m):
 with m as x, m as (y, z):
  w = x, y, z
  x = 3
 return w, x
""",
    "comprehension": """
def f(xs):
 x = 1
 y = [x for x in xs if x]
 return x, y
""",
    "walrus": """
def f(xs):
 if (n := len(xs)) > 1 and (m := n):
  return m
 y = [k := x for x in xs]
 return n, k, y
""",
    "match": """
def f(v):
 match v:
  case [a, *b]:
   r = a, b
  case {'k': c, **d} if c:
   r = c, d
  case e:
   r = e
 return r
""",
    "del": """
def f(c):
 x = 1
 if c:
  del x
 try:
  return x
 except NameError:
  x = 2
 return x
""",
    "except as": """
def f(g):
 e = 1
 try:
  g()
 except KeyError as e:
  g(e)
 return e
""",
    "global and nonlocal": """
x = 1
def f():
 global x
 y = x
 x = 2
 def g():
  nonlocal y
  y = 3
  return y
 return g, y
z = x
""",
    "generator": """
def f(xs):
 got = 0
 for x in xs:
  got = yield got, x
 last = yield from xs
 return got, last
""",
    "coroutine": """
async def f(a):
 x = await a
 async with a as y:
  x = y
 async for z in a:
  x = z
 return x
""",
    "class body": """
x = 1
class C:
 y = x
 def f(self):
  z = x
  return z
w = C, x
""",
    "star and unpacking": """
def f(v):
 a, (b, *c), d[0] = d = v
 a += b
 return a, b, c, d
""",
    "private names": """
class C:
 def f(self, __a):
  __x = __a
  if __x:
   __x = 2
  return __x
""",
    "loop carried": """
def f(xs):
 last = None
 for x in xs:
  use = last
  last = x
  if use:
   break
 return last
""",
    "nested finally": """
def f(g):
 x = 0
 for i in g:
  try:
   try:
    x = 1
    g(x)
   finally:
    x = x + 1
    if x: continue
  except KeyError:
   break
 return x, i
""",
}
if sys.version_info >= (3, 12):
    _FORMS["type parameters"] = """
def f[T: int, *Ts, **P](x: T, *rest):
 type A[U] = list[U]
 class C[V](list[V]):
  y = x
 z = x, A, C
 return z, rest
"""


@pytest.mark.parametrize("text", _FORMS.values(), ids=_FORMS.keys())
def test_every_definition_that_reaches_a_use_is_found(text: str) -> None:
    result = compare(text.encode(), "form.py")
    assert result is not None and result.pairs >= 2
    assert result.missed == [] and result.disputed == []


def test_what_cannot_reach_is_not_said_to() -> None:
    text = "def f(c):\n x = 1\n x = 2\n if c:\n  x = 3\n  return c\n return x\n"
    source = definitions.parse(text.encode(), "form.py")
    found = definitions.by_analysis(source, definitions.resolve(source.module))
    assert found["x", 7, 8] == {3} == reaching(compile(text, "form.py", "exec"))["x", 7, 8]
    assert found["c", 4, 4] == {ENTRY, 1}


def test_a_definition_that_is_not_found_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(definitions, "_lines", lambda definition, source: set())
    result = compare(b"def f(c):\n x = 1\n if c:\n  x = 2\n return x\n", "form.py")
    assert result is not None
    assert (("x", 5, 8), 2) in result.missed and (("x", 5, 8), 4) in result.missed
    assert (("x", 5, 8), 2) in result.disputed


@pytest.mark.parametrize("start", range(4))
def test_real_files(start: int) -> None:
    pairs = theirs = 0
    for path in _FILES[start::4]:
        result = compare(path.read_bytes(), str(path))
        if result is not None:
            assert result.missed == [] and result.disputed == [], path
            pairs += result.pairs
            theirs += result.theirs
    assert pairs > 1000 and theirs > 1000
