"""One parsed file: its bytes, text, CST and the place of every node in the text."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import libcst as cst

from rayinfer.ir.nodes import Span
from rayinfer.source.lines import line_starts
from rayinfer.source.nesting import check_nesting
from rayinfer.source.pieces import cuts_of, parse_in_pieces
from rayinfer.source.positions import generate, unpacked
from rayinfer.source.spelling import check_spelling
from rayinfer.source.text import NOT_ANALYSED, TOO_DEEP, SourceError, UnanalysedError, check_syntax, decode


@dataclass(frozen=True)
class Source:
    """A file that parsed. `text` is its decoded content without a byte-order mark; `encoding` writes it back."""

    path: str
    data: bytes
    text: str
    encoding: str
    module: cst.Module
    places: Mapping[int, int]

    @cached_property
    def _starts(self) -> list[int]:
        return line_starts(self.text)

    def span(self, node: cst.CSTNode) -> Span:
        """Where a node stands, without its surrounding whitespace and parentheses."""
        start, end = unpacked(self.places[id(node)])
        line, end_line = self.line_at(start), self.line_at(end)
        return Span(line, start - self.line_start(line), end_line, end - self.line_start(end_line))

    def offsets(self, node: cst.CSTNode) -> tuple[int, int]:
        """The half-open range of `text` that a node covers."""
        return unpacked(self.places[id(node)])

    def code(self, node: cst.CSTNode) -> str:
        """The text of a node as the user wrote it."""
        start, end = self.offsets(node)
        return self.text[start:end]

    def shown(self, node: cst.CSTNode) -> str:
        """The text of a node on one line, as messages show it."""
        return " ".join(self.code(node).split())

    def line_at(self, offset: int) -> int:
        """The line (from 1) that an offset of `text` lies on."""
        return bisect_right(self._starts, offset)

    def line_start(self, line: int) -> int:
        """The offset of the first character of a line (from 1)."""
        return self._starts[line - 1]

    def line_text(self, line: int) -> str:
        """A line (from 1) without its end."""
        end = self._starts[line] if line < len(self._starts) else len(self.text)
        return self.text[self._starts[line - 1] : end].rstrip("\r\n")

    def encode(self, text: str) -> bytes:
        """Text of this file as bytes, in its encoding and with its byte-order mark."""
        return text.encode(self.encoding)


def parse(data: bytes, path: str) -> Source:
    """Reads a file.

    Raises:
        SourceError: when it is not Python that can be read and decoded.
        UnanalysedError: when LibCST does not understand it, or cannot write it back byte for byte.
    """
    text, encoding = decode(data, path)
    cuts = _checked(data, path, text)
    # LibCST drops blanks that follow the last line's end.
    body = text.rstrip(" \t\f")
    tail = text[len(body) :] if body.endswith(("\n", "\r")) else ""
    try:
        whole = text[: len(text) - len(tail)]
        module = parse_in_pieces(whole, cuts)
        code, places = generate(module) if module is not None else ("", {})
        if module is None or code != whole:
            module = cst.parse_module(whole.encode(encoding) if tail else data)
            code, places = generate(module)
    except RecursionError:
        raise UnanalysedError(TOO_DEEP, 1, 0, "nested too deeply to be analysed") from None
    except cst.ParserSyntaxError as error:
        line = max(error.raw_line, 1)
        raise UnanalysedError(NOT_ANALYSED, line, 0, "LibCST does not understand the syntax") from error
    except UnicodeError as error:
        raise UnanalysedError(NOT_ANALYSED, 1, 0, f"LibCST does not understand the encoding {encoding}") from error
    source = Source(path, data, text, encoding, module, places)
    if source.encode(text) != data or code + tail != text:
        at = next((n for n, (one, two) in enumerate(zip(code, text, strict=False)) if one != two), len(text))
        line = source.line_at(at)
        message = "LibCST cannot write the file back byte for byte"
        raise UnanalysedError(NOT_ANALYSED, line, at - source.line_start(line), message)
    return source


def _checked(data: bytes, path: str, text: str) -> list[int]:
    """Where a text may be cut into pieces; Python's tree, which is large, ends here.

    Raises as `parse` does, for what Python does not parse or LibCST would not get right.
    """
    tree = check_syntax(data, path)
    check_nesting(tree, text)
    check_spelling(tree, text)
    return cuts_of(tree)


def parse_tree(data: bytes) -> cst.Module | None:
    """The CST of a file that is only read; None when it cannot be parsed."""
    try:
        text, _ = decode(data, "")
        _checked(data, "", text)
        return cst.parse_module(data)
    except (SourceError, UnanalysedError, cst.ParserSyntaxError, RecursionError, UnicodeError):
        return None
