"""The comments by which a user tells rayinfer to leave a line or a file alone."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

from rayinfer.source.lines import NEWLINE

# A cheap test for files that hold no such comment, nearly all of them.
_MENTION = re.compile(r"#\s*rayinfer\s*:")
# `# rayinfer: ignore`, `# rayinfer: ignore[RI101, RI104]`, `# rayinfer: skip-file`; more words may follow.
_DIRECTIVE = re.compile(r"#\s*rayinfer\s*:\s*(?P<word>[\w-]*)(?P<list>\s*\[(?P<codes>[^\]#]*)(?P<closed>\]?))?")


@dataclass(frozen=True, slots=True)
class Ignore:
    """One `ignore` comment; `codes` is empty when it means every code. The column counts from 0."""

    line: int
    column: int
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Misspelt:
    """A comment that speaks to rayinfer and is not understood; `text` is the comment from there on."""

    line: int
    column: int
    text: str


@dataclass(frozen=True, slots=True)
class Directives:
    """The comments of one file that speak to rayinfer. `skip` is the place of the first `skip-file`."""

    ignores: tuple[Ignore, ...] = ()
    misspelt: tuple[Misspelt, ...] = ()
    skip: tuple[int, int] | None = None


def directives(text: str) -> Directives:
    """What the comments of a file say to rayinfer, as far as its text can be split into tokens."""
    if _MENTION.search(text) is None:
        return Directives()
    ignores: list[Ignore] = []
    misspelt: list[Misspelt] = []
    skip: tuple[int, int] | None = None
    for line, start, comment in _comments(text):
        for match in _DIRECTIVE.finditer(comment):
            column = start + match.start()
            codes = tuple(code for code in re.split(r"[\s,]+", match["codes"] or "") if code)
            complete = match["list"] is None or (bool(codes) and bool(match["closed"]))
            if match["word"] == "ignore" and complete:
                ignores.append(Ignore(line, column, codes))
            elif match["word"] == "skip-file" and match["list"] is None:
                skip = skip or (line, column)
            else:
                misspelt.append(Misspelt(line, column, comment[match.start() :].strip()))
    return Directives(tuple(ignores), tuple(misspelt), skip)


def _comments(text: str) -> Iterator[tuple[int, int, str]]:
    """Line, column and text of each comment; of a text that is no Python, those before the first error."""
    # The tokenizer of the standard library ends lines at `\n` alone; Python itself also at a lone `\r`.
    lines = io.StringIO(NEWLINE.sub("\n", text))
    try:
        for token in tokenize.generate_tokens(lines.readline):
            if token.type == tokenize.COMMENT:
                yield *token.start, token.string
    except (tokenize.TokenError, SyntaxError):
        return
