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
    Rule(
        code="RI002",
        kind="passed",
        title="value passed on",
        explanation=(
            "What this `ray.get` gives is used for nothing but arguments of tasks and actors of this file. The get "
            "stays where it is: there the program waits, and is told of an error. Where the value is so large that Ray "
            "would store it once more for each call that takes it, the name holds the ref from then on, and the call "
            "gets the value from where it is; a small value is passed as it is, and so is one that is a ref itself, "
            "whose object another process owns, or that holds more than data. That what the values go to is Ray's is "
            "checked when the program runs."
        ),
        example=TASK
        + """\
def main():
    x = ray.get(square.remote(3))
    return ray.get([square.remote(x) for _ in range(8)])
""",
        hint="",
        finding=False,
    ),
)
