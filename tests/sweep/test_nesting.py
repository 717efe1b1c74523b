"""Deep nesting and long chains of every kind: rewritten, or left alone with a code, and never a crash or a hang."""

from __future__ import annotations

import pytest

from rayinfer.compiler import SourceError, compile_source

HEAD = "import ray\n\n\n@ray.remote\ndef f(x):\n    return x\n\n\n"
GROUP = "refs = [f.remote(i) for i in range(4)]\nprint(ray.get(refs))\n"
# What opens, what stands inside, and what closes; `;` separates lines.
KINDS = {
    "parentheses": ("(", "1", ")"),
    "lists": ("[", "1", "]"),
    "dicts": ("{1:", "1", "}"),
    "sets": ("{", "1", "}"),
    "tuples": ("(", "1", ",)"),
    "calls": ("f(", "1", ")"),
    "keyword arguments": ("f(a=", "1", ")"),
    "starred arguments": ("f(*", "f", ")"),
    "subscripts": ("f[", "1", "]"),
    "slices": ("f[1:", "1", "]"),
    "lambdas": ("lambda: ", "1", ""),
    "defaults of lambdas": ("(lambda a=", "1", ": a)"),
    "conditional expressions": ("1 if 1 else ", "1", ""),
    "conditions": ("(1 if ", "1", " else 0)"),
    "not": ("not ", "1", ""),
    "signs": ("-", "1", ""),
    "powers": ("1 ** ", "1", ""),
    "elements": ("[", "1", " for i in f]"),
    "iterables": ("[i for i in ", "f", "]"),
    "loops of a comprehension": ("", "[1", " for i in f", "]"),
    "conditions of a comprehension": ("", "[1 for i in f", " if i", "]"),
    "attributes": ("", "f", ".a"),
    "calls of calls": ("", "f", "()"),
    "subscripts of subscripts": ("", "f", "[0]"),
    "sums": ("1 + ", "1", ""),
    "and": ("1 and ", "1", ""),
    "or of and": ("1 and 1 or ", "1", ""),
    "comparisons": ("1 < ", "1", ""),
    "strings side by side": ("", "('a'", " 'a'", ")"),
    "parts of an f-string": ("", "f'{f}", "{f}", "'"),
    "walruses": ("(a := ", "1", ")"),
    "targets": ("x = ", "1", ""),
    "arguments": ("", "f(1", ", 1", ")"),
    "names of a module": ("import a", "", ".a"),
    "branches": ("", "if f:;    pass", ";elif f:;    pass"),
    "clauses": ("", "try:;    pass", ";except f:;    pass"),
    "cases": ("", "match f:", ";    case 1:;        pass"),
    "decorators": ("@f;", "def g(): pass", ""),
    "list patterns": ("match f:;    case ", "x", ": pass", "["),
    "mapping patterns": ("match f:;    case ", "x", ": pass", "{1: "),
    "parenthesised patterns": ("match f:;    case ", "1", ": pass", "("),
    "class patterns": ("match f:;    case ", "x", ": pass", "f(a="),
    "or patterns": ("match f:;    case ", "1", ": pass", "(1 | "),
}
CLOSING = {"[": "]", "{1: ": "}", "(": ")", "f(a=": ")", "(1 | ": ")"}


def text_of(kind: str, depth: int) -> str:
    """A program with one statement of this kind, so deep."""
    opening, inside, closing, *more = KINDS[kind]
    if kind.endswith("patterns"):
        text = opening + more[0] * depth + inside + CLOSING[more[0]] * depth + closing
    elif opening.startswith("import"):
        text = opening + closing * depth
    else:
        text = opening * depth + inside + closing * depth + "".join(more)
    return HEAD + text.replace(";", "\n") + "\n" + GROUP


# A chain in LibCST's tree where Python's has a list.
CHAINS = ("and", "or of and", "loops of a comprehension", "names of a module", "branches", "strings side by side")
CASES = [(kind, depth) for kind in KINDS for depth in (7, 120, 390, 3000)] + [(kind, 20_000) for kind in CHAINS]


@pytest.mark.parametrize(("kind", "depth"), CASES)
def test_deep(kind: str, depth: int) -> None:
    data = text_of(kind, depth).encode()
    try:
        result = compile_source(data, "p.py")
    except SourceError as error:
        assert depth > 7 and error.code in ("RI902", "RI903")
        return
    codes = {remark.code for remark in result.remarks}
    if result.changed:
        assert b"ri.Map(f, None, (ri.call(i) for i in range(4)))" in result.output
        assert compile_source(result.output, "p.py").output == result.output
    else:
        assert depth > 7 and codes <= {"RI204", "RI205"} and len(result.remarks) == 1
