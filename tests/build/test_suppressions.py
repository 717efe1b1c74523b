"""Comments that leave lines and files alone: found as comments alone, each of use or reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.checks import wrong_with
from rayinfer.compiler import Compiled, compile_source
from rayinfer.source.suppressions import directives
from rayinfer.source.text import decode
from tests.cases.golden import CHANGE

HEAD = """\
import ray


@ray.remote
def f(x=0, *more):
    return x


@ray.remote
class A:
    def add(self, *k):
        return k


"""
LINES = HEAD.count("\n")


def compiled(body: str) -> Compiled:
    """The outcome for a function body, after what must hold for every outcome."""
    data = (
        HEAD + "def main(n, g):\n" + "".join(f"    {line}\n" if line else "\n" for line in body.splitlines())
    ).encode()
    result = compile_source(data, "p.py")
    assert compile_source(result.output, "p.py").output == result.output
    return result


def codes(result: Compiled) -> list[tuple[int, str]]:
    """Line within the body, and code, of each remark."""
    return [(remark.line - LINES - 1, remark.code) for remark in result.remarks]


GROUP = "refs = [f.remote(i) for i in range(n)]"
SINGLE = "ref = f.remote(n)"


def test_a_missed_remark_is_hidden_by_its_code() -> None:
    assert codes(compiled(SINGLE)) == [(1, "RI101")]
    assert codes(compiled(SINGLE + "  # rayinfer: ignore[RI101]")) == []
    assert codes(compiled(SINGLE + "  # rayinfer: ignore[RI104, RI101]")) == [(1, "RI303")]
    assert codes(compiled(SINGLE + "  # rayinfer: ignore")) == []
    assert codes(compiled(SINGLE + "  # rayinfer: ignore[RI104]")) == [(1, "RI101"), (1, "RI303")]
    assert codes(compiled(SINGLE + "\n# rayinfer: ignore[RI101]")) == [(1, "RI101"), (2, "RI303")]
    hidden = compiled(SINGLE + "  # rayinfer: ignore")
    assert [group.status for group in hidden.groups] == ["refused"]


@pytest.mark.parametrize(
    "comment", ["ignore", "ignore[RI001]", "ignore[RI001,RI104]", "ignore because", "ignore [RI001]"]
)
def test_an_inferred_group_is_left_alone(comment: str) -> None:
    result = compiled(f"{GROUP}  # rayinfer: {comment}\nreturn ray.get(refs)")
    assert not result.changed and list(wrong_with(result)) == []
    assert (1, "RI301") in codes(result) and (1, "RI001") not in codes(result)
    assert [group.status for group in result.groups] == ["refused"]
    assert result.evals == () and result.graphs == ()
    assert ((1, "RI303") in codes(result)) == ("RI104" in comment)


def test_other_codes_do_not_leave_a_group_alone() -> None:
    result = compiled(f"{GROUP}  # rayinfer: ignore[RI101]\nreturn ray.get(refs)")
    assert result.changed and codes(result) == [(1, "RI001"), (1, "RI303")]


def test_what_depends_on_a_group_that_is_left_alone() -> None:
    body = f"{GROUP}  # rayinfer: ignore\nmore = [f.remote(r) for r in refs]\nreturn ray.get(more)"
    result = compiled(body)
    assert codes(result) == [(1, "RI301"), (2, "RI001")]
    assert GROUP in result.output.decode() and "each(" not in result.output.decode()
    assert list(wrong_with(result)) == []


def test_a_broadcast_whose_takers_are_left_alone_is_a_single_call() -> None:
    body = "one = f.remote(n)\nrefs = [f.remote(one, i) for i in range(n)]  # rayinfer: ignore[RI001]\nreturn refs"
    result = compiled(body)
    assert not result.changed and codes(result) == [(1, "RI101"), (2, "RI301")]


def test_one_of_several_calls_that_fill_a_list() -> None:
    body = "refs = []\nfor i in range(n):\n    refs.append(f.remote(i))\n    refs.append(f.remote(i, 1))\nreturn refs"
    assert compiled(body).changed
    for kept in (3, 4):
        lines = body.split("\n")
        lines[kept - 1] += "  # rayinfer: ignore[RI001]"
        result = compiled("\n".join(lines))
        assert not result.changed
        assert codes(result) == [(line, "RI301" if line == kept else "RI108") for line in (3, 4)]


WHERE_IT_COUNTS = {
    "line of the submission": "refs = [\n    f.remote(i)  # rayinfer: ignore\n    for i in range(n)\n]",
    "first line of the statement": "refs = [  # rayinfer: ignore\n    f.remote(i)\n    for i in range(n)\n]",
    "last line of the statement": "refs = [\n    f.remote(i) for i in range(n)\n]  # rayinfer: ignore",
    "line of its remote": "refs = [\n    f\n    .options(name=n).remote(i)  # rayinfer: ignore\n    for i in g\n]",
    "after another comment": "refs = [f.remote(i) for i in range(n)]  # noqa: E501  # rayinfer: ignore",
    "before another comment": "refs = [f.remote(i) for i in range(n)]  # rayinfer: ignore # noqa: E501",
    "no blanks": "refs = [f.remote(i) for i in range(n)]#rayinfer:ignore",
    "two comments": "refs = [f.remote(i) for i in range(n)]  # rayinfer: ignore[RI104]  # rayinfer: ignore",
    "bare loop": "for i in range(n):\n    f.remote(i)  # rayinfer: ignore",
    "one-line loop": "for i in range(n): f.remote(i)  # rayinfer: ignore",
    "append loop": "refs = []\nfor i in range(n):\n    refs.append(f.remote(i))  # rayinfer: ignore",
    "after a continued line": "refs = \\\n    [f.remote(i) for i in range(n)]  # rayinfer: ignore",
    "header of a loop": "for r in [f.remote(i) for i in range(n)]:  # rayinfer: ignore\n    print(r)",
    "argument of several lines": 'refs = [f.remote("""\n""") for i in range(n)]  # rayinfer: ignore',
}


@pytest.mark.parametrize("body", WHERE_IT_COUNTS.values(), ids=WHERE_IT_COUNTS.keys())
def test_where_a_comment_counts(body: str) -> None:
    result = compiled(body + "\nreturn 0")
    assert not result.changed
    assert [code for _, code in codes(result) if code != "RI303"] == ["RI301"]


WHERE_IT_DOES_NOT = {
    "in a string": 'text = "# rayinfer: ignore"; print(text)\nrefs = [f.remote("# rayinfer: ignore") for i in g]',
    "in a long string": 'text = """\n# rayinfer: skip-file\n"""\nrefs = [f.remote(i) for i in range(n)]',
    "in an f-string": 'refs = [f.remote(f"{i}# rayinfer: ignore") for i in range(n)]',
    "other words": "refs = [f.remote(i) for i in range(n)]  # not for rayinfer: ignore",
}


@pytest.mark.parametrize("body", WHERE_IT_DOES_NOT.values(), ids=WHERE_IT_DOES_NOT.keys())
def test_where_a_comment_does_not_count(body: str) -> None:
    result = compiled(body + "\nreturn refs")
    assert result.changed and {code for _, code in codes(result)} == {"RI001"}


def test_a_line_above_or_below_does_not_count() -> None:
    result = compiled(f"# rayinfer: ignore\n{GROUP}\n# rayinfer: ignore\nreturn refs")
    assert result.changed and codes(result) == [(1, "RI303"), (2, "RI001"), (3, "RI303")]


def test_unused_comments_name_what_is_wrong() -> None:
    result = compiled("x = 1  # rayinfer: ignore\ny = 1  # rayinfer: ignore[RI1O1]\n" + GROUP)
    assert [r.message for r in result.remarks if r.code == "RI303"] == [
        "there is nothing on this line to ignore",
        "`RI1O1` is no code; the nearest are RI101, RI111, RI110",
    ]
    assert result.remarks[0].column == 11


@pytest.mark.parametrize(
    "comment", ["ignroe", "ignore[]", "ignore[RI101", "", "skip_file", "skip-file[RI101]", "Ignore", "ignore-file"]
)
def test_comments_that_are_not_understood(comment: str) -> None:
    result = compiled(f"{GROUP}  # rayinfer: {comment}\nreturn refs")
    assert result.changed and codes(result) == [(1, "RI001"), (1, "RI304")]


@pytest.mark.parametrize("place", ["top", "end", "inside", "after code"])
def test_skip_file(place: str) -> None:
    comment = "# rayinfer: skip-file generated by hand\n"
    text = HEAD + "refs = [f.remote(i) for i in range(4)]\n"
    data = {
        "top": comment + text,
        "end": text + comment,
        "inside": text.replace("    return x", f"    {comment}    return x"),
        "after code": text.replace("import ray\n", "import ray  " + comment),
    }[place].encode()
    result = compile_source(data, "p.py")
    assert result.output == data and result.groups == ()
    assert [(r.code, r.kind, r.is_finding) for r in result.remarks] == [("RI302", "analysis", False)]
    assert result.remarks[0].line == data[: data.index(b"# rayinfer")].count(b"\n") + 1


def test_skip_file_spares_what_python_cannot_read() -> None:
    for text in (
        "# rayinfer: skip-file\nprint 'x'\n",
        "# rayinfer: skip-file\nx = (1,\n",
        "# rayinfer: skip-file\n`x`\n",
    ):
        result = compile_source(text.encode(), "p.py")
        assert result.output == text.encode() and [r.code for r in result.remarks] == ["RI302"]


def test_files_without_submissions() -> None:
    assert [r.code for r in compile_source(b"x = 1  # rayinfer: ignore\n", "p.py").remarks] == ["RI303"]
    assert [r.code for r in compile_source(b"import ray  # rayinfer: what\n", "p.py").remarks] == ["RI304"]
    assert compile_source(b"x = '# rayinfer: ignore'\n", "p.py").remarks == ()
    elsewhere = compile_source(b"def g(a):\n    return a.remote()  # rayinfer: ignore[RI203]\n", "p.py")
    assert elsewhere.remarks == () and len(elsewhere.groups) == 1


@pytest.mark.parametrize("newline", ["\r\n", "\r", "\x0c\n"], ids=["CRLF", "lone CR", "form feed"])
def test_lines_are_counted_as_python_counts_them(newline: str) -> None:
    text = HEAD.replace("\n", newline) + newline + f"{SINGLE}  # rayinfer: ignore[RI101]{newline}"
    result = compile_source(text.encode().replace(b"(n)", b"(1)"), "p.py")
    assert [r.code for r in result.remarks if r.code in ("RI101", "RI303")] == []


def test_comments_in_rewritten_output_are_kept_quiet() -> None:
    result = compiled(f"{GROUP}  # rayinfer: ignore[RI101]\n{SINGLE}  # rayinfer: ignore\nreturn refs, ref")
    assert result.changed
    again = compile_source(result.output, "p.py")
    assert again.output == result.output and [r.code for r in again.remarks] == ["RI201"] * 0


def _passed(result: Compiled) -> set[int]:
    return {remark.line for remark in result.remarks if remark.code == "RI002"}


def _inferred(result: Compiled) -> set[int]:
    return {group.line for group in result.groups if group.status == "inferred"} | _passed(result)


def _with_comments(result: Compiled, comment: str) -> tuple[bytes, set[int]]:
    """The file with a comment on each line of what was inferred that can take one, and these lines.

    In it `[]` stands for the codes of what was.
    """
    lines = result.source.splitlines(keepends=True)
    taken = set()
    passed = _passed(result)
    for number in sorted(_inferred(result)):
        line = lines[number - 1]
        text = line.rstrip(b"\r\n")
        codes = ["RI002"] if number in passed else []
        if any(group.line == number and group.status == "inferred" for group in result.groups):
            codes.insert(0, "RI001")
        said = comment.replace("[]", f"[{', '.join(codes)}]")
        lines[number - 1] = text + b"  # rayinfer: " + said.encode() + line[len(text) :]
        # Inside a string it is no comment.
        if number in {ignore.line for ignore in directives(decode(b"".join(lines), "")[0]).ignores}:
            taken.add(number)
        else:
            lines[number - 1] = line
    return b"".join(lines), taken


PLAIN_CASES = [case for case in CHANGE if b"# rayinfer:" not in case.read_bytes()]


@pytest.mark.parametrize("case", PLAIN_CASES, ids=lambda case: case.stem)
@pytest.mark.parametrize("comment", ["ignore", "ignore[]"])
def test_no_group_of_a_case_is_inferred_against_the_users_will(case: Path, comment: str) -> None:
    result = compile_source(case.read_bytes(), case.name)
    lines = _inferred(result)
    data, taken = _with_comments(result, comment)
    again = compile_source(data, case.name)
    if taken == lines:
        assert again.output == data
    assert {remark.line for remark in again.remarks if remark.code in ("RI001", "RI002", "RI303")}.isdisjoint(taken)
    assert {remark.line for remark in again.remarks if remark.code == "RI301"} <= taken
    # A `remote` that is handed on, as to `map`, is a group's only where it is inferred.
    assert 0 <= len(result.groups) - len(again.groups) <= case.read_bytes().count(b".remote,")
