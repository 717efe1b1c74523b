"""Remarks on what was inferred."""

from __future__ import annotations

from rayinfer.ir.rules.rule import TASK, Rule

RULES = (
    Rule(
        code="RI001",
        kind="passed",
        title="group inferred",
        explanation=(
            "These submissions are one group: calls of one task, or of one method on a list of actors, that are made "
            "together. The remark says which node of the IR the group became and what it depends on. Its text was "
            "rewritten; when the program runs, the whole group is handed to the scheduler at once, and every name that "
            "the rest of the program reads holds real refs or handles in a plain list, as before."
        ),
        example=TASK
        + """\
def main():
    refs = [square.remote(i) for i in range(8)]
    return ray.get(refs)
""",
        hint="",
        finding=False,
    ),
)
