"""The registry of remarks: every example gives exactly its code, and every text is fit for a user."""

from __future__ import annotations

import re

import pytest

from rayinfer.compiler import SourceError, compile_source
from rayinfer.ir.remarks import RULES, nearest
from rayinfer.ir.rules.rule import Rule

KINDS = {"RI0": "passed", "RI1": "missed", "RI2": "analysis", "RI3": "analysis", "RI4": "runtime", "RI9": "error"}
ALL = pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())


@ALL
def test_example_gives_exactly_its_code(rule: Rule) -> None:
    data = rule.example.encode()
    if rule.kind == "error":
        with pytest.raises(SourceError) as caught:
            compile_source(data, "example.py")
        assert caught.value.code == rule.code
        return
    result = compile_source(data, "example.py")
    codes = {remark.code for remark in result.remarks}
    if rule.kind == "runtime":
        # That it is logged when it runs is for tests/cases/test_runtime_remarks.py.
        assert codes == {"RI001", "RI206"}
        return
    assert rule.code in codes
    assert codes - {rule.code} <= {"RI001"}, "another code"
    inferred = [group for group in result.groups if group.status == "inferred"]
    if rule.kind == "missed":
        lines = {remark.line for remark in result.remarks if remark.code == rule.code}
        before, after = data.splitlines(), result.output.splitlines()
        assert all(before[line - 1] in after for line in lines)
    assert result.changed == bool(inferred)
    assert result.changed == ("RI001" in codes)


@ALL
def test_texts(rule: Rule) -> None:
    assert re.fullmatch(r"RI\d{3}", rule.code)
    assert rule.kind == KINDS[rule.code[:3]]
    assert rule.title and rule.title == rule.title.strip() and not rule.title.endswith(".")
    assert 120 < len(rule.explanation) < 900 and "\n" not in rule.explanation and rule.explanation.endswith(".")
    assert "  " not in rule.explanation
    assert bool(rule.hint) == (rule.kind != "passed")
    assert not rule.hint or rule.hint.endswith(".")
    assert rule.example.endswith("\n") and not rule.example.startswith("\n")


def test_titles_are_different() -> None:
    assert len({rule.title for rule in RULES.values()}) == len(RULES)


@pytest.mark.parametrize(
    ("code", "among"), [("RI1O1", "RI101"), ("ri104", "RI104"), ("R101", "RI101"), ("I001", "RI001"), ("xyz", "")]
)
def test_nearest_codes(code: str, among: str) -> None:
    found = nearest(code)
    assert 1 <= len(found) <= 3
    assert set(found) <= set(RULES)
    if among:
        assert found[0] == among
