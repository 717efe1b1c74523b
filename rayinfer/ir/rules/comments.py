"""Remarks on the comments by which a user speaks to rayinfer."""

from __future__ import annotations

from rayinfer.ir.rules.rule import TASK, Rule

RULES = (
    Rule(
        code="RI301",
        kind="analysis",
        title="left alone as asked",
        explanation=(
            "These submissions would have become a group, but a comment `# rayinfer: ignore` or `# rayinfer: "
            "ignore[RI001]` stands on their line, or on the first or last line of their statement. They stay as they "
            "are, byte for byte."
        ),
        example=TASK
        + """\
def main():
    refs = [square.remote(i) for i in range(8)]  # rayinfer: ignore[RI001]
    return ray.get(refs)
""",
        hint="Remove the comment to have the group inferred.",
        finding=False,
    ),
    Rule(
        code="RI302",
        kind="analysis",
        title="file skipped as asked",
        explanation=(
            "A comment `# rayinfer: skip-file` stands somewhere in the file, so it is neither analysed nor changed. It "
            "is not even parsed: a file in an older Python can be skipped like this."
        ),
        example="""\
# rayinfer: skip-file
"""
        + TASK
        + """\
def main():
    return ray.get([square.remote(i) for i in range(8)])
""",
        hint="Remove the comment to have the file rewritten.",
        finding=False,
    ),
    Rule(
        code="RI303",
        kind="analysis",
        title="unused suppression",
        explanation=(
            "A comment `# rayinfer: ignore` stands on a line on which there is nothing to ignore, or it names a code "
            "that is not given there or does not exist. It would silently hide a remark that the line may get later. A "
            "comment is of use on the line of a submission, or on the first or last line of its statement; "
            "`ignore[RI001]` keeps a group from being inferred, other codes hide the remark of that code."
        ),
        example=TASK
        + """\
def main():
    refs = [square.remote(i) for i in range(8)]
    return ray.get(refs)  # rayinfer: ignore[RI101]
""",
        hint="Remove the comment, or move it to the line of the submission.",
    ),
    Rule(
        code="RI304",
        kind="analysis",
        title="suppression not understood",
        explanation=(
            "A comment speaks to rayinfer, but not in words that it knows. It knows `# rayinfer: ignore`, `# rayinfer: "
            "ignore[CODE]` with one or more codes between the brackets, and `# rayinfer: skip-file`. The comment has "
            "no effect."
        ),
        example=TASK
        + """\
def main():
    refs = [square.remote(i) for i in range(8)]  # rayinfer: ignore-next-line
    return ray.get(refs)
""",
        hint="Write `# rayinfer: ignore[CODE]`, or `# rayinfer: skip-file`.",
    ),
)
