"""Remarks: what the compiler did, left alone, or assumed, each with a stable code, a sentence and a hint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rayinfer.ir.rules import calls, comments, errors, files, forms, passed, running
from rayinfer.ir.rules.rule import Rule

RULES: dict[str, Rule] = {
    rule.code: rule
    for rule in sorted(
        (*passed.RULES, *forms.RULES, *calls.RULES, *files.RULES, *comments.RULES, *running.RULES, *errors.RULES),
        key=lambda rule: rule.code,
    )
}


@dataclass(frozen=True, slots=True)
class Remark:
    """One remark at one place of the user's file; lines count from 1, columns from 0."""

    code: str
    kind: str
    line: int
    column: int
    message: str
    hint: str

    @property
    def is_finding(self) -> bool:
        """Whether `rayinfer check` reports it."""
        return RULES[self.code].finding

    def to_json(self) -> dict[str, Any]:
        """The remark as `explain --format json` prints it."""
        return {name: getattr(self, name) for name in ("code", "kind", "line", "column", "message", "hint")}


def remark(code: str, line: int, column: int, message: str) -> Remark:
    """A remark of a registered code; its kind and hint come from the registry."""
    rule = RULES[code]
    return Remark(code, rule.kind, line, column, message, rule.hint)


def nearest(code: str) -> list[str]:
    """The three registered codes that are most like an unknown one, best first."""
    import difflib  # late: rarely needed

    wanted = code.upper()

    def likeness(known: str) -> tuple[float, int]:
        ratio = difflib.SequenceMatcher(None, wanted, known).ratio()
        return ratio, sum(one == two for one, two in zip(wanted, known, strict=False))

    return sorted(RULES, key=likeness, reverse=True)[:3]
