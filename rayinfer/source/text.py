"""Bytes to text and the syntax check, without LibCST: enough for files that hold nothing to rewrite."""

from __future__ import annotations

import ast
import io
import tokenize
import warnings

NOT_TEXT = "RI901"
SYNTAX = "RI902"
NOT_ANALYSED = "RI204"
TOO_DEEP = "RI205"


class SourceError(Exception):
    """A file that cannot be read as Python.

    Attributes: a registered `code`, `path`, `line` and `column` (from 1) and `message`.
    """

    def __init__(self, code: str, path: str, line: int, column: int, message: str) -> None:
        self.code, self.path, self.line, self.column, self.message = code, path, line, column, message
        super().__init__(f"{path}:{line}:{column}: {code} {message}")


class UnanalysedError(Exception):
    """A file that Python can run and rayinfer cannot analyse; it is left as it is.

    Attributes: a registered `code`, `line` (from 1) and `column` (from 0), and `message`.
    """

    def __init__(self, code: str, line: int, column: int, message: str) -> None:
        self.code, self.line, self.column, self.message = code, line, column, message
        super().__init__(message)


def decode(data: bytes, path: str) -> tuple[str, str]:
    """The text of a file, and the encoding that writes it back.

    Raises:
        SourceError: when its bytes are not in the encoding that it declares, or UTF-8.
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
    except SyntaxError as error:
        raise SourceError(
            NOT_TEXT, path, 1, 1, f"{error.msg or error}; save it as UTF-8 or declare its encoding"
        ) from None
    except LookupError as error:  # a codec of Python's that does not give text, such as rot13
        raise SourceError(NOT_TEXT, path, 1, 1, f"{error}; save it as UTF-8 or declare its encoding") from None
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        message = f"not {encoding} (byte 0x{data[error.start]:02x}); save it as UTF-8 or declare its encoding"
        raise SourceError(NOT_TEXT, path, line, column, message) from None
    except UnicodeError as error:  # from a codec that does not say where, such as punycode
        raise SourceError(NOT_TEXT, path, 1, 1, f"{error}; save it as UTF-8 or declare its encoding") from None
    return text, encoding


def check_syntax(data: bytes, path: str) -> ast.Module:
    """Lets Python itself judge the syntax, and gives its tree.

    Raises:
        SourceError: with Python's own line, column and message.
        UnanalysedError: when Python can compile the file, but not give its tree.
    """
    # LibCST's syntax errors have poor positions, and it accepts some programs that Python does not.
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                tree = compile(data, path, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
            except RecursionError:
                compile(data, path, "exec", dont_inherit=True)
                raise UnanalysedError(TOO_DEEP, 1, 0, "nested too deeply to be analysed") from None
    except (SyntaxError, ValueError) as error:
        lineno, offset = getattr(error, "lineno", None), getattr(error, "offset", None)
        if lineno is None and b"\0" in data:
            before = data[: data.index(b"\0")]
            lineno, offset = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
        message = f"syntax error: {getattr(error, 'msg', error)}; Python cannot parse the file, so it is left as it is"
        raise SourceError(SYNTAX, path, lineno or 1, offset or 1, message) from None
    except (RecursionError, MemoryError):
        message = "nested too deeply: Python cannot compile the file, so it is left as it is"
        raise SourceError("RI903", path, 1, 1, message) from None
    assert isinstance(tree, ast.Module)
    return tree
