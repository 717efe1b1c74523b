"""What a command says and how it ends: exit codes, standard output and error, colour, broken pipes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

CLEAN = 0
FINDINGS = 1
BAD_INPUT = 2
# `run --verify-ir`: the executed graph is no instance of the inferred one.
NOT_AS_INFERRED = 70
INTERRUPTED = 130
BROKEN_PIPE = 141


@contextmanager
def quiet_broken_pipe() -> Iterator[None]:
    """End without a word when the reader of standard output has gone away."""
    try:
        yield
    except BrokenPipeError:
        # The interpreter flushes standard output once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(BROKEN_PIPE)


def write_bytes(data: bytes) -> None:
    """Write to standard output as it stands, in no encoding but its own."""
    with quiet_broken_pipe():
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def write_text(text: str) -> None:
    """Write a text and a line end to standard output; what its encoding cannot hold is escaped."""
    encoding = sys.stdout.encoding or "utf-8"
    write_bytes((text + "\n").encode(encoding, "backslashreplace"))


def note(message: str) -> None:
    """Write one line to standard error."""
    encoding = sys.stderr.encoding or "utf-8"
    click.echo(message.encode(encoding, "backslashreplace"), err=True)


def flush() -> None:
    """Bring out what is still buffered, while a broken pipe can still be caught."""
    sys.stdout.flush()


def wants_colour() -> bool:
    """Colour goes to a terminal alone, and never against the user's NO_COLOR."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ
