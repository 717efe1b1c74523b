"""Input that is unusual or not Python: rewritten with all else byte for byte equal, or refused in one sentence."""

from __future__ import annotations

import re

import pytest

from benchmarks.checks import wrong_with
from rayinfer.compiler import Compiled, SourceError, compile_source

HEAD = "import ray\n\n\n@ray.remote\ndef f(x):\n    return x\n\n\n"
GROUP = "refs = [f.remote(i) for i in range(4)]  # é\nprint(len(refs), ray.get(refs))\n"
PLAIN = HEAD + GROUP
ASCII = PLAIN.replace("é", "e")
NEW_GROUP = re.compile(r"refs = ri\.evaluate\(ri\.Map\(f, [^\r\n]*\)(?=  # )")


def compiled(data: bytes) -> Compiled:
    """The outcome for a file, after the checks of the sweep."""
    result = compile_source(data, "p.py")
    assert list(wrong_with(result)) == []
    return result


def undone(text: str, newline: str) -> str:
    """Rewritten text with its two edits taken back by hand."""
    text, groups = NEW_GROUP.subn(GROUP.split("  #")[0], text)
    assert groups == 1
    ours = f"import rayinfer.inferred as ri{newline}"
    assert text.count(ours) == 1
    return text.replace(ours, "")


REWRITTEN = {
    "byte-order mark": (b"\xef\xbb\xbf" + PLAIN.encode(), "utf-8", "\n"),
    "declared utf-8-sig": (("# -*- coding: utf-8-sig -*-\n" + PLAIN).encode(), "utf-8", "\n"),
    "form feed on a line of its own": ((HEAD + "\x0c\n" + GROUP).encode(), "utf-8", "\n"),
    "form feed inside a line": ((HEAD + "x = 1 \x0c+ 2\n" + GROUP).encode(), "utf-8", "\n"),
    "CRLF": (PLAIN.replace("\n", "\r\n").encode(), "utf-8", "\r\n"),
    "lone CR after one line": ((HEAD + "x = 1\r" + GROUP).encode(), "utf-8", "\n"),
    "lone CR in a string": ((HEAD + 's = """a\rb"""\n' + GROUP).encode(), "utf-8", "\n"),
    "tabs": (PLAIN.replace("    ", "\t").encode(), "utf-8", "\n"),
    "declared latin-1": (("# -*- coding: latin-1 -*-\n" + PLAIN).encode("latin-1"), "latin-1", "\n"),
    "declared utf-7": (("# -*- coding: utf-7 -*-\n" + PLAIN).encode("utf-7"), "utf-7", "\n"),
    "declared shift_jis": (("# -*- coding: shift_jis -*-\n# \u8868\n" + ASCII).encode("shift_jis"), "shift_jis", "\n"),
    "declared in the second line": (
        ("#!/usr/bin/python\n# coding: latin-1\n" + PLAIN).encode("latin-1"),
        "latin-1",
        "\n",
    ),
    "carriage returns before line ends": (PLAIN.replace("\n", "\r\r\n").encode(), "utf-8", "\r"),
    "end-of-file character in a comment": ((HEAD + "# \x1a\n" + GROUP).encode(), "utf-8", "\n"),
    "a line of two million characters": ((HEAD + f"x = '{'a' * 2_000_000}'\n" + GROUP).encode(), "utf-8", "\n"),
    "declared cp1252": (("# -*- coding: cp1252 -*-\n# €\n" + PLAIN).encode("cp1252"), "cp1252", "\n"),
    "no newline at the end": (PLAIN.rstrip("\n").encode(), "utf-8", "\n"),
    "comment without newline at the end": ((PLAIN + "# end").encode(), "utf-8", "\n"),
    "blanks without newline at the end": ((PLAIN + "\n\n   ").encode(), "utf-8", "\n"),
    "Unicode line separators in a string": ((HEAD + 's = "\x85\u2028"\n' + GROUP).encode(), "utf-8", "\n"),
    "parentheses 100 deep": ((HEAD + "y = " + "(" * 100 + "1" + ")" * 100 + "\n" + GROUP).encode(), "utf-8", "\n"),
    "letters in a comment that names would lose": ((HEAD + "# ｇ² … ½\n" + GROUP).encode(), "utf-8", "\n"),
    "100 branches": (
        (HEAD + "x = 1\nif x:\n    pass\n" + "elif x:\n    pass\n" * 100 + GROUP).encode(),
        "utf-8",
        "\n",
    ),
}


@pytest.mark.parametrize("case", REWRITTEN.values(), ids=REWRITTEN.keys())
def test_rewritten_and_all_else_kept(case: tuple[bytes, str, str]) -> None:
    data, encoding, newline = case
    result = compiled(data)
    assert undone(result.output.decode(encoding), newline) == data.decode(encoding)


def test_long_file() -> None:
    filler = "".join(f"x{n % 7} = {n}\n" for n in range(50_000))
    result = compiled((HEAD + filler + GROUP).encode())
    assert undone(result.output.decode(), "\n") == HEAD + filler + GROUP


def nested(levels: int) -> str:
    """`if` statements one in the other."""
    return "".join(" " * level + "if ray:\n" for level in range(levels)) + " " * levels + "pass\n"


REFUSED = {
    "undeclared latin-1": PLAIN.encode("latin-1"),
    "unknown encoding": ("# -*- coding: klingon -*-\n" + PLAIN).encode(),
    "codec that gives no text": ("# -*- coding: rot13 -*-\n" + PLAIN).encode(),
    "codec that gives no place": ("# -*- coding: punycode -*-\n" + PLAIN).encode(),
    "codec that always fails": ("# -*- coding: undefined -*-\n" + PLAIN).encode(),
    "UTF-16": PLAIN.encode("utf-16"),
    "UTF-16 without a mark": PLAIN.encode("utf-16-le"),
    "UTF-16 declared wrongly": ("# -*- coding: utf-16 -*-\n" + PLAIN).encode(),
    "UTF-32 declared wrongly": ("# -*- coding: utf-32 -*-\n" + PLAIN).encode(),
    "latin-1 declared after a byte-order mark": b"\xef\xbb\xbf# -*- coding: latin-1 -*-\n" + PLAIN.encode(),
    "two byte-order marks": b"\xef\xbb\xbf\xef\xbb\xbf" + PLAIN.encode(),
    "byte-order mark in the middle": PLAIN.encode() + b"\xef\xbb\xbfx = 1\n",
    "number of too many digits": (PLAIN + "x = " + "9" * 5000 + "\n").encode(),
    "vertical tab": (PLAIN + "x = 1\x0b\n").encode(),
    "surrogates": PLAIN.encode() + b"x = '\xed\xa0\x80'\n",
    "null byte": (HEAD + "x = 1\0\n" + GROUP).encode(),
    "null byte in a comment": (HEAD + "# \0\n" + GROUP).encode(),
    "end-of-file character": (PLAIN + "\x1a").encode(),
    "backslash at the end": (PLAIN + "x = 1 \\").encode(),
    "Python 2 print": (PLAIN + "print 'x'\n").encode(),
    "Python 2 exec": (PLAIN + "exec 'x'\n").encode(),
    "syntax no Python has": (PLAIN + "type X[T = int] := list[T]\n").encode(),
    "indentation that does not match": (PLAIN + "if f:\n        pass\n    pass\n").encode(),
    "parentheses 1,000 deep": (HEAD + "y = " + "(" * 1000 + "1" + ")" * 1000 + "\n" + GROUP).encode(),
    "200 nested ifs": (HEAD + nested(200) + GROUP).encode(),
    "sum of 50,000 terms": (HEAD + "y = " + " + ".join("1" * 50_000) + "\n" + GROUP).encode(),
    "100,000 minus signs": (HEAD + "y = " + "-" * 100_000 + "1\n" + GROUP).encode(),
    "100,000 attributes": (HEAD + "y = f" + ".a" * 100_000 + "\n" + GROUP).encode(),
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED.keys())
def test_refused_in_one_sentence(data: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        compile_source(data, "p.py")
    assert re.fullmatch(r"p\.py:\d+:\d+: RI90\d [^\n]{10,300}", str(caught.value))


EITHER = {
    "lone CRs": PLAIN.replace("\n", "\r"),
    "form feed at the start of a line": HEAD + "\x0cx = 1\n" + GROUP,
    "sum of 500 terms": HEAD + "y = " + " + ".join("1" * 500) + "\n" + GROUP,
    "sum of 5,000 terms": HEAD + "y = " + " + ".join("1" * 5000) + "\n" + GROUP,
    "3,000 branches": HEAD + "x = 1\nif x:\n    pass\n" + "elif x:\n    pass\n" * 3000 + GROUP,
    "4,000 strings side by side": HEAD + "y = (" + "\n".join(["'a'"] * 4000) + ")\n" + GROUP,
    "comparison of 3,000 terms": HEAD + "y = " + " < ".join("1" * 3000) + "\n" + GROUP,
    "3,000 calls of calls": HEAD + "y = f" + "()" * 3000 + "\n" + GROUP,
    "type parameters": "type X[T] = list[T]\n" + PLAIN,
    "type parameters with defaults": "def g[T = int](x: T) -> T: ...\n" + PLAIN,
    "template strings": PLAIN + "y = t'{f}'\n",
    "exceptions without parentheses": PLAIN + "try:\n    pass\nexcept ValueError, TypeError:\n    pass\n",
    "same quotes inside an f-string": PLAIN + "y = f'{f'a'}'\n",
}


@pytest.mark.parametrize("text", EITHER.values(), ids=EITHER.keys())
def test_no_crash_where_the_running_python_decides(text: str) -> None:
    try:
        result = compiled(text.encode())
    except SourceError as error:
        assert re.fullmatch(r"p\.py:\d+:\d+: RI90\d [^\n]{10,300}", str(error))
    else:
        if {remark.code for remark in result.remarks} & {"RI204", "RI205"}:
            assert result.output == text.encode() and len(result.remarks) == 1
            return
        assert undone(result.output.decode(), "\n") == text


NOTHING_TO_DO = {
    "empty": b"",
    "byte-order mark alone": b"\xef\xbb\xbf",
    "line ends alone": b"\n\r\n\r",
    "form feed alone": b"\x0c",
    "blanks alone": b"   ",
    "comments alone": b"# import ray\n# f.remote(1)",
    "docstring alone": b'"""import ray\nf.remote(1)\n"""',
    "ray alone": b"import ray",
    "remote that is not called": b"import ray\nray.remote\nx.remote = 1\n",
    "remote in a string": b"import ray\nx = 'f.remote(1)'\n",
}


@pytest.mark.parametrize("data", NOTHING_TO_DO.values(), ids=NOTHING_TO_DO.keys())
def test_nothing_to_do(data: bytes) -> None:
    result = compiled(data)
    assert result.output == data and result.groups == () and result.remarks == ()
