"""Each remark of the run time is logged by its example, at the user's line, and the results are plain Ray's."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest

from rayinfer.compiler import compile_source
from rayinfer.ir.remarks import RULES
from rayinfer.runtime import callees
from tests.cases import running

# Where the group of an example starts.
_STARTS = re.compile(r"while |\.remote\(.*for i in|\.append\(.*\.remote\(")
RUNTIME = [rule for rule in RULES.values() if rule.kind == "runtime"]


@pytest.mark.parametrize("rule", RUNTIME, ids=[rule.code for rule in RUNTIME])
def test_example_logs_its_code_once(
    rule, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callees, "_told", set())
    case = tmp_path / "example.py"
    case.write_text(rule.example)
    result = compile_source(case.read_bytes(), str(case))
    plain = running.plain_inline(case)
    assert plain[0] == 0 and plain[1] and "uncaught" not in plain[1]
    with caplog.at_level(logging.INFO, logger="rayinfer"):
        assert running.rewritten_deferred(result, case) == plain
    (record,) = (record for record in caplog.records if record.name == "rayinfer")
    line = next(n for n, text in enumerate(rule.example.splitlines(), 1) if _STARTS.search(text))
    assert record.getMessage().startswith(f"{case}:{line}: {rule.code} {rule.title} (")
    assert record.levelno == (logging.WARNING if rule.code == "RI401" else logging.INFO)
