"""Codes of input that cannot be read as Python at all."""

from __future__ import annotations

from rayinfer.ir.rules.rule import Rule

RULES = (
    Rule(
        code="RI901",
        kind="error",
        title="not text in its encoding",
        explanation=(
            "The bytes of the file are not in the encoding that its first lines declare, or not UTF-8 where they "
            "declare none, or the declared encoding does not exist. Python would refuse to run it."
        ),
        example="""\
# -*- coding: no-such-encoding -*-
import ray
""",
        hint="Save the file as UTF-8, or declare the encoding it is in.",
    ),
    Rule(
        code="RI902",
        kind="error",
        title="syntax error",
        explanation=(
            "The Python that runs rayinfer cannot parse the file; line and column are Python's own. A file in the "
            "syntax of a newer Python needs rayinfer to be run by that Python, and a file in Python 2 can be skipped "
            "with a comment `# rayinfer: skip-file`."
        ),
        example="""\
import ray

print "hello"
""",
        hint="Correct the syntax, or run rayinfer with the Python that the file is written for.",
    ),
    Rule(
        code="RI903",
        kind="error",
        title="nested too deeply for Python",
        explanation=(
            "Some expression or block of the file is nested so deeply that Python itself cannot compile it. It could "
            "not be run either."
        ),
        example=f"""\
import ray

x = {"-" * 100_000}1
""",
        hint="Break the expression up.",
    ),
)
