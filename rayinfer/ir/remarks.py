"""Remarks: what the compiler did, left alone, or assumed, each with a stable code, a sentence and a hint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of the registry: `kind` is `passed`, `missed` or `analysis`."""

    code: str
    kind: str
    title: str
    hint: str


@dataclass(frozen=True, slots=True)
class Remark:
    """One remark at one place of the user's file; lines count from 1, columns from 0."""

    code: str
    kind: str
    line: int
    column: int
    message: str
    hint: str

    def to_json(self) -> dict[str, Any]:
        """The remark as `explain --format json` prints it."""
        return {name: getattr(self, name) for name in ("code", "kind", "line", "column", "message", "hint")}


_RULES = [
    Rule("RI001", "passed", "group inferred", ""),
    Rule("RI002", "passed", "middle of a chain is not needed outside it", ""),
    Rule(
        "RI101",
        "missed",
        "single call",
        "A call that no group shares stays a plain call; put calls of one kind in a list.",
    ),
    Rule("RI102", "missed", "callee not known", "Define the task or actor in this file, or bind its name once."),
    Rule("RI103", "missed", "argument has an unknown effect", "Compute the argument before the comprehension."),
    Rule("RI104", "missed", "form not recognised", "Write the group as a list comprehension of one `.remote` call."),
    Rule("RI105", "missed", "ref inside a container", "Pass the ref itself as an argument, not inside a container."),
    Rule("RI106", "missed", "several returns", "A task with `num_returns` other than 1 is left as it is."),
    Rule("RI107", "missed", "options not known", "Write the options as plain keyword arguments."),
    Rule("RI108", "missed", "list used before it is complete", "Start the list right before the loop that fills it."),
    Rule("RI109", "missed", "loop variable used later", "Do not read the loop's variable after the loop."),
    Rule(
        "RI110", "missed", "names cannot be followed", "Avoid exec, eval, globals() and locals() where groups are made."
    ),
    Rule("RI111", "missed", "several statements on one line", "Put each statement on its own line."),
    Rule("RI112", "missed", "asynchronous comprehension", "Use a plain comprehension to submit."),
    Rule("RI113", "missed", "loop has an effect", "Submit in a loop of its own."),
    Rule(
        "RI114",
        "missed",
        "list is read by other code",
        "Fill the list in the code that reads it, outside of any `try`.",
    ),
    Rule("RI201", "analysis", "already rewritten", "Rewrite the plain program instead."),
    Rule(
        "RI202", "analysis", "module code taken for a script", "Names of module-level groups are not for other modules."
    ),
]

RULES = {rule.code: rule for rule in _RULES}


def remark(code: str, line: int, column: int, message: str) -> Remark:
    """A remark of a registered code; its kind and hint come from the registry."""
    rule = RULES[code]
    return Remark(code, rule.kind, line, column, message, rule.hint)
