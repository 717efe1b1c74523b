"""Every submission of a file is inferred or listed with a code: counted by a walk of its own over Python's tree."""

from __future__ import annotations

import ast
import warnings
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.sweep import files_of
from rayinfer.compiler import compile_source, explain_json

HEAD = """\
import functools
import ray


@ray.remote
def f(*values, **options):
    return values


@ray.remote
class A:
    def m(self, *values):
        return values


"""
SAMPLE = 60
# Remarks that are not on a call of `remote` that was left alone.
NO_CALLS = ("RI001", "RI116", "RI202", "RI206", "RI303", "RI304")
_SECTIONS = (Path(__file__).with_name("submissions.txt")).read_text(encoding="utf-8").split("#### ")[1:]
PLACES = {name: body for name, _, body in (section.partition("\n") for section in _SECTIONS)}


def submissions(data: bytes) -> tuple[Counter[int], Counter[int]]:
    """By line: calls of a `remote` attribute, and those that may be none: of `ray.remote`, or only handed to a call."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(data)
    names = {"ray"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.asname for alias in node.names if alias.name == "ray" and alias.asname)
    calls: Counter[int] = Counter()
    decorating: Counter[int] = Counter()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "remote":
            calls[node.lineno] += 1
            decorating[node.lineno] += isinstance(node.func.value, ast.Name) and node.func.value.id in names
        for given in node.args[:1] if isinstance(node, ast.Call) else ():
            if isinstance(given, ast.Attribute) and given.attr == "remote":
                calls[given.lineno] += 1
                decorating[given.lineno] += 1
    return calls, +decorating


def unlisted(data: bytes, path: str) -> list[str]:
    """What is wrong with the list of a file's submissions, in words."""
    calls, decorating = submissions(data)
    entry = explain_json(compile_source(data, path))
    if any(remark["code"] in ("RI204", "RI205", "RI302") for remark in entry["remarks"]):
        return []
    inferred = Counter(group["line"] for group in entry["groups"] if group["status"] == "inferred")
    refused = Counter(group["line"] for group in entry["groups"] if group["status"] == "refused")
    passed = Counter(remark["line"] for remark in entry["remarks"] if remark["code"] == "RI001")
    others = Counter(remark["line"] for remark in entry["remarks"] if remark["code"] not in NO_CALLS)
    wrong = [f"{path}:{line}: inferred {inferred[line]}, remarks {passed[line]}" for line in inferred | passed]
    wrong = [] if inferred == passed else wrong
    wrong += [] if refused == others else [f"{path}: refused {sorted((refused - others) + (others - refused))}"]
    for line in sorted(calls | inferred | refused):
        listed = inferred[line] + refused[line]
        if not calls[line] - decorating[line] <= listed <= calls[line]:
            wrong.append(f"{path}:{line}: {calls[line]} calls of remote, {listed} listed")
    return wrong


@pytest.mark.parametrize("body", PLACES.values(), ids=PLACES.keys())
def test_wherever_a_submission_stands(body: str) -> None:
    data = (HEAD + body).encode()
    assert unlisted(data, "p.py") == []
    assert unlisted(data.replace(b"import ray\n", b"from elsewhere import ray\n"), "p.py") == []
    assert (
        unlisted(data.replace(b"import ray\n", b"try:\n    import ray\nexcept ImportError:\n    ray = None\n"), "p.py")
        == []
    )
    without = b"\n".join(line for line in data.split(b"\n") if not line.startswith((b"import ray", b"@ray.remote")))
    assert unlisted(without, "p.py") == []


def _sample() -> list[Path]:
    """Files of the ray package that say `remote`, spread over the package; the largest are for the sweep."""
    found = [path for path in files_of("ray") if b"remote" in path.read_bytes()]
    found = [path for path in sorted(found) if path.stat().st_size < 60_000]
    return found[:: max(1, len(found) // SAMPLE)]


def test_real_files() -> None:
    paths = _sample()
    assert len(paths) >= SAMPLE
    wrong = [one for path in paths for one in unlisted(path.read_bytes(), str(path))]
    assert wrong == []
    assert sum(sum(submissions(path.read_bytes())[0].values()) for path in paths) > SAMPLE
