"""Every case becomes what its expected file says, and stays that when it is rewritten again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rayinfer.compiler import compile_source, explain_json, explain_text
from tests.cases.golden import CASES, CHANGE, KEEP, compiled, describe, expected_path

_SITE = re.compile(rb"(?<!\bray)\.\s*remote\s*\(")


def _id(case: Path) -> str:
    return f"{case.parent.name}: {case.stem}"


@pytest.mark.parametrize("case", CASES, ids=_id)
def test_case_becomes_what_is_expected(case: Path) -> None:
    assert describe(compiled(case)) == expected_path(case).read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CHANGE, ids=_id)
def test_change_case_is_changed(case: Path) -> None:
    result = compiled(case)
    assert result.changed
    assert any(group.status == "inferred" for group in result.groups)


@pytest.mark.parametrize("case", KEEP, ids=_id)
def test_keep_case_stays_byte_for_byte_with_a_remark_for_each_site(case: Path) -> None:
    result = compiled(case)
    assert result.output == case.read_bytes()
    assert result.groups, "a case without a submission shows nothing"
    assert all(group.status == "refused" for group in result.groups)
    # RI116 is on a `remote` that is not called, RI301 on a group that a comment keeps from being inferred.
    remarks = [r for r in result.remarks if (r.kind == "missed" and r.code != "RI116") or r.code == "RI301"]
    assert len(remarks) == len(result.groups)


@pytest.mark.parametrize("case", CASES, ids=_id)
def test_every_submission_is_reported_once(case: Path) -> None:
    result = compiled(case)
    code = b"\n".join(line.split(b"#")[0] for line in result.source.replace(b"\r\n", b"\n").splitlines())
    # Of what is handed on, as to `map`, only what is inferred is a group.
    assert 0 <= len(result.groups) - len(_SITE.findall(code)) <= code.count(b".remote,")
    entry = explain_json(result)
    assert set(entry) == {"path", "groups", "evals", "remarks"}
    for group in entry["groups"]:
        assert set(group) == {"line", "node", "name", "task", "status", "depends"}
        assert group["status"] in ("inferred", "refused")
        assert group["depends"]
        for one in group["depends"]:
            assert set(one) == {"kind", "on"}
            assert one["kind"] in ("one-to-one", "group", "recurrence", "all-to-all", "broadcast", "none")
    assert explain_text(result)


@pytest.mark.parametrize("case", CASES, ids=_id)
def test_rewriting_the_output_changes_nothing(case: Path) -> None:
    once = compiled(case)
    assert compile_source(once.output, once.path).output == once.output


def test_as_many_cases_are_kept_as_changed() -> None:
    assert len(KEEP) >= 25
    assert len(CHANGE) >= 25
    assert len(KEEP) >= len(CHANGE)
