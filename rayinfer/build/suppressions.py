"""What a file's comments ask to leave alone: which submissions stay plain, which remarks are not shown, and no use."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst

from rayinfer.facts.walk import statement_of
from rayinfer.ir.remarks import RULES, Remark, nearest, remark
from rayinfer.source.module import Source
from rayinfer.source.suppressions import Directives, Ignore

INFERRED = "RI001"
PASSED = "RI002"
LEFT = "RI301"
UNUSED = "RI303"


class Suppressions:
    """The `ignore` comments of one file. Each question that one of them answers marks it as used."""

    def __init__(self, said: Directives, source: Source, parents: Mapping[int, cst.CSTNode]) -> None:
        self._said, self._source, self._parents = said, source, parents
        self._on_line: dict[int, list[Ignore]] = {}
        self._used: set[tuple[Ignore, str]] = set()
        for ignore in said.ignores:
            self._on_line.setdefault(ignore.line, []).append(ignore)

    def hides(self, code: str, site: cst.CSTNode) -> bool:
        """Whether a submission's remark of this code is not wanted; of a passed one, that it is to be left alone."""
        if not self._on_line:
            return False
        found = [ignore for line in self._lines(site) for ignore in self._on_line.get(line, ())]
        meant = [
            (ignore, "" if not ignore.codes else code) for ignore in found if not ignore.codes or code in ignore.codes
        ]
        self._used.update(meant)
        return bool(meant)

    def remarks(self) -> list[Remark]:
        """On comments that are not understood, and on those that were of no use."""
        return remarks_on(self._said, self._used)

    def _lines(self, site: cst.CSTNode) -> set[int]:
        """Where a comment may stand: on the submission's line, and on its statement's first (or, if small, last) line.

        A submission over several lines has the one it starts on and that of its `.remote`.
        """
        source = self._source
        lines = {source.span(site).line}
        if isinstance(site, cst.Call) and isinstance(site.func, cst.Attribute):
            lines.add(source.span(site.func.attr).line)
        stmt = statement_of(site, self._parents)
        if stmt is not None:
            span = source.span(stmt)
            lines.add(span.line)
            if isinstance(stmt, cst.BaseSmallStatement):
                lines.add(span.end_line)
        return lines


def remarks_on(said: Directives, used: set[tuple[Ignore, str]]) -> list[Remark]:
    """A remark on each comment that is not understood or of no use; `used` holds comments with the code that was met.

    For a comment without codes that code is empty.
    """
    found = [remark("RI304", one.line, one.column, f"`{one.text}` is not understood") for one in said.misspelt]
    for ignore in said.ignores:
        for code in ignore.codes or ("",):
            if (ignore, code) in used:
                continue
            if not code:
                message = "there is nothing on this line to ignore"
            elif code not in RULES:
                message = f"`{code}` is no code; the nearest are {', '.join(nearest(code))}"
            else:
                message = f"{code} is not given for this line"
            found.append(remark(UNUSED, ignore.line, ignore.column, message))
    return found
