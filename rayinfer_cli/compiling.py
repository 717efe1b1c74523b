"""Compile what the command line names, one file after the other; what goes wrong with one stops no other."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from rayinfer_cli.inputs import BadInput, Source, collect, unreadable
from rayinfer_cli.terminal import note

if TYPE_CHECKING:
    from rayinfer.compiler import Compiled

Command = TypeVar("Command", bound=Callable[..., Any])

paths_argument = click.argument("paths", metavar="PATH...", nargs=-1, required=True)
debug_option = click.option(
    "--debug", is_flag=True, envvar="RAYINFER_DEBUG", help="Show the traceback of an internal error (RAYINFER_DEBUG=1)."
)


@dataclass
class Batch:
    """The files of one command: those that compiled, as they come, and how many could not be done."""

    paths: tuple[str, ...]
    debug: bool
    failures: int = 0

    def __iter__(self) -> Iterator[tuple[Source, Compiled]]:
        for found in collect(self.paths):
            if isinstance(found, BadInput):
                self.fail(found.message)
                continue
            compiled = self.compile(found)
            if compiled is not None:
                yield found, compiled

    def compile(self, source: Source) -> Compiled | None:
        """Compile one file; None when it cannot be done, which was then said."""
        try:
            data = source.read()
        except OSError as error:
            self.fail(unreadable(source.name, error).message)
            return None
        try:
            from rayinfer.compiler import SourceError
        except Exception as error:
            self.fail(internal_error(source.name, error, self.debug))
            return None
        try:
            return compile_quietly(data, source.name)
        except SourceError as error:
            self.fail(str(error))
        except Exception as error:
            self.fail(internal_error(source.name, error, self.debug))
        return None

    def fail(self, message: str) -> None:
        """Say on standard error why a file is not done, and remember that one was not."""
        note(message)
        self.failures += 1


def compile_quietly(data: bytes, name: str) -> Compiled:
    """Compile without Python's own warnings about the user's text: they are for whoever runs it."""
    from rayinfer.compiler import compile_source

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compile_source(data, name)


def internal_error(name: str, error: Exception, debug: bool) -> str:
    """The one sentence about a defect of ours; with `debug` its traceback stands before it."""
    if debug:
        note("".join(traceback.format_exception(error)).rstrip())
    what = f"{type(error).__name__}: {error}".rstrip(": ").splitlines()[0]
    advice = "" if debug else ", with what --debug prints"
    return (
        f"{name}: internal error ({what}); the file was left as it is. "
        f"This is a defect of rayinfer: please report it on its issue tracker{advice}"
    )


def nothing_to_do(source: Source) -> None:
    """Say that a file the user named holds no Ray; about files met on a walk nothing is said."""
    if source.below is None:
        note(f"{source.name}: nothing to do: the file does not use Ray")
