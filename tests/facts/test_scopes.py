"""The scope resolver on the constructs where Python's rules are easy to get wrong."""

from __future__ import annotations

import libcst as cst
import pytest
from libcst.metadata import MetadataWrapper, PositionProvider

from rayinfer.facts.scopes import Scope, Scopes, resolve


def _resolved(source: str) -> Scopes:
    return resolve(cst.parse_module(source.encode()))


def _path(scope: Scope | None) -> str:
    """`m` for the module, then one step `kind` or the definition's name for each nested scope."""
    if scope is None:
        return "-"
    if scope.parent is None:
        return "m"
    node = scope.node
    step = node.name.value if isinstance(node, (cst.FunctionDef, cst.ClassDef)) else scope.kind
    return f"{_path(scope.parent)}.{step}"


def _owners(source: str, name: str) -> list[str]:
    scopes = _resolved(source)
    return [_path(scopes.owner(node)) for node in scopes.names() if node.value == name]


CASES = {
    "a local, seen by a nested function": ("def f():\n x = 1\n def g(): return x", "x", ["m.f", "m.f"]),
    "global in a function binds in the module": ("def f():\n global x\n x = 1\nx", "x", ["m", "m"]),
    "global in a function hides the grandparent's": (
        "x = 0\ndef f():\n x = 1\n def g():\n  global x\n  def h(): return x",
        "x",
        ["m", "m.f", "m"],
    ),
    "nonlocal skips to the function": ("def f():\n x = 1\n def g():\n  nonlocal x\n  x = 2", "x", ["m.f", "m.f"]),
    "a class body is invisible to its methods": ("class C:\n x = 1\n def f(self): return x", "x", ["m.C", "-"]),
    "a class's global does not reach its methods": (
        "def f():\n x = 1\n class C:\n  global x\n  x = 2\n  def g(self): return x",
        "x",
        ["m.f", "m", "m.f"],
    ),
    "the first iterable is the enclosing scope's": (
        "class C:\n x = 1\n y = [x for _ in x]",
        "x",
        ["m.C", "-", "m.C"],
    ),
    "the second iterable is the comprehension's": (
        "x = 1\n[1 for x in x for y in x]",
        "x",
        ["m", "m.comprehension", "m", "m.comprehension"],
    ),
    "walrus in a comprehension binds outside": (
        "def f():\n return [[x := y for y in z] for z in w], x",
        "x",
        ["m.f"] * 2,
    ),
    "walrus in a lambda binds in the lambda": ("lambda: [(x := 1) for _ in a]", "x", ["m.lambda"]),
    "match captures": ("match s:\n case [a, *a] | {'k': a, **a} | C(k=a) | (1 as a): a", "a", ["m"] * 7),
    "a keyword pattern's key is not a name": ("k = 1\nmatch s:\n case C(k=1): pass", "k", ["m"]),
    "import binds the first part": ("import a.b.c\na", "a", ["m", "m"]),
    "import as binds the alias alone": ("import a.b as c", "a", []),
    "from import as": ("from m import a as b\na, b", "b", ["m", "m"]),
    "decorators and defaults are outside": (
        "def f(): pass\n@f\ndef g(f=f): return f",
        "f",
        ["m", "m", "m.g", "m", "m.g"],
    ),
    "annotations are outside": ("T = 1\ndef f(T: T) -> T: T", "T", ["m", "m.f", "m", "m", "m.f"]),
    "an annotation alone makes a local": ("def f():\n x: int\n return x", "x", ["m.f", "m.f"]),
    "keyword names and attributes are no occurrences": ("x = 1\nf(x=1).x", "x", ["m"]),
    "f-strings and their format specs": ("x = 1\nf'{x:{x}} {x=}'", "x", ["m"] * 4),
    "except as and del": ("def f():\n try: pass\n except E as x: del x", "x", ["m.f", "m.f"]),
    "with and for targets": ("with a as (x, [*x]): pass\nfor x.y, x in z: pass", "x", ["m"] * 4),
    "type parameters": ("def f[T: T](x: T) -> T: return T\nT", "T", ["m.type_params"] * 5 + ["-"]),
    "type parameters see the class": ("class C:\n A = 1\n def f[T: A](self): A", "A", ["m.C", "m.C", "-"]),
    "a generic class's bases see its parameters": (
        "class C[T](B[T]):\n x: T\n def f(self): T",
        "T",
        ["m.type_params"] * 4,
    ),
    "type aliases": ("type X[T] = list[T] | X", "X", ["m", "m"]),
    "__class__ is the method's cell": ("__class__ = 1\nclass C:\n def f(self): __class__", "__class__", ["m", "-"]),
}


@pytest.mark.parametrize(("source", "name", "owners"), CASES.values(), ids=CASES)
def test_owner(source: str, name: str, owners: list[str]) -> None:
    assert _owners(source, name) == owners


def test_private_names_are_mangled_in_a_class() -> None:
    scopes = _resolved("__x = 1\nclass _C:\n def f(self): return __x\n__x")
    assert [scopes.spelling(node) for node in scopes.names() if node.value == "__x"] == ["__x", "_C__x", "__x"]
    assert len(scopes.occurrences(scopes.module, "__x")) == 2


def test_a_class_body_may_read_the_module_name_that_it_binds() -> None:
    scopes = _resolved("x = 1\nclass C:\n x = x\n")
    assert len(scopes.occurrences(scopes.module, "x")) == 2


def test_kinds_of_binding() -> None:
    scopes = _resolved(
        "import i\ndef d(p): pass\nclass c: pass\na = 1\na += 1\nfor f in z: pass\nwith z as w: pass\n"
        "try: pass\nexcept E as e: pass\nmatch z:\n case m: pass\n(v := 1)\ndel a\nn: int\n"
    )
    kinds = {node.value: scopes.kind_of(node) for node in scopes.names() if scopes.is_store(node)}
    expected = {"i": "import", "d": "def", "p": "param", "c": "class", "f": "for", "w": "with", "e": "except"}
    assert kinds == expected | {"m": "match", "v": "walrus", "a": "del", "n": "declare"}


@pytest.mark.parametrize(
    ("source", "dynamic"),
    [
        ("exec('x = 1')", True),
        ("locals()", True),
        ("def f(): return locals()", False),
        ("def f(): return [locals() for _ in p]", True),
        ("def f():\n class C: vars()", True),
        ("read = locals", True),
        ("globals()['x'] = 1", True),
        ("vars()", True),
        ("vars(args)", False),
        ("model.eval()", False),
        ("def eval(x): return x\neval(1)", False),
        ("import sys\nsys.modules[__name__].x = 1", True),
        ("import __main__", True),
        ("f.__globals__['x'] = 1", True),
    ],
)
def test_dynamic_names(source: str, dynamic: bool) -> None:
    assert _resolved(source).uses_dynamic_names is dynamic


def test_star_import() -> None:
    assert _resolved("from m import *").has_star_import
    assert not _resolved("from m import a").has_star_import


def test_names_come_in_source_order() -> None:
    source = (
        "x: T = a if b else c\n(y := d)\nx = y = z\nx += w\n[e for f in g if h]\n{k: v for k, v in i}\n"
        "@j\ndef l(m: n = o, /, p=q, *r, s, **t) -> u: pass\nlambda aa=bb: cc\n"
        "for dd in ee: pass\nwith ff as gg: pass\nclass hh(ii, jj=kk): pass\n"
        "match ll:\n case [mm, *nn] as oo if pp: pass\n case {qq.x: rr, **ss}: pass\n"
        "try: pass\nexcept tt as uu: pass\nvv[ww:xx].y(*zz, key=ab) < ac < ad\nassert ae, af\n"
    )
    wrapper = MetadataWrapper(cst.parse_module(source), unsafe_skip_copy=True)
    positions = wrapper.resolve(PositionProvider)
    starts = [positions[node].start for node in resolve(wrapper.module).names()]
    assert [(at.line, at.column) for at in starts] == sorted((at.line, at.column) for at in starts)


def test_long_operand_chains_do_not_exhaust_the_stack() -> None:
    scopes = _resolved("x = " + " + ".join(["x"] * 1500))
    assert len(scopes.occurrences(scopes.module, "x")) == 1501


def test_functions_that_read_all_of_their_names() -> None:
    scopes = _resolved("def f(p): return locals()\ndef g(p): return vars()\ndef h(p): return vars(p)")
    assert {scope.node.name.value for scope in scopes.read_whole} == {"f", "g"}
