"""Compile what the command line names, in several processes where it is much; one file's trouble stops no other."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from rayinfer_cli.inputs import STDIN, BadInput, Source, collect, read_file, unreadable
from rayinfer_cli.settings import load
from rayinfer_cli.terminal import note

if TYPE_CHECKING:
    from rayinfer.compiler import Compiled
    from rayinfer_cli.cache import Cache

Command = TypeVar("Command", bound=Callable[..., Any])

# Below so many files for each process, starting one takes longer than it saves.
FILES_FOR_A_PROCESS = 4

paths_argument = click.argument("paths", metavar="PATH...", nargs=-1, required=True)
debug_option = click.option(
    "--debug", is_flag=True, envvar="RAYINFER_DEBUG", help="Show the traceback of an internal error (RAYINFER_DEBUG=1)."
)
cache_option = click.option(
    "--cache/--no-cache", default=True, help="Keep the results for several files from run to run, and use them."
)


@dataclass(frozen=True)
class Outcome:
    """What became of one file: `compiled`, or else why not; with `trace` it is an internal error."""

    compiled: Compiled | None
    message: str = ""
    trace: str = ""


@dataclass
class Batch:
    """The files of one command: those that compiled, in order, and how many could not be done."""

    paths: tuple[str, ...]
    debug: bool
    cache: bool = True
    failures: int = 0

    def __iter__(self) -> Iterator[tuple[Source, Compiled]]:
        settings = load(self.paths)
        found = list(collect(self.paths, settings.excludes))
        sources = [each for each in found if isinstance(each, Source)]
        outcomes = self._outcomes(sources)
        for each in found:
            if isinstance(each, BadInput):
                self.fail(each.message)
                continue
            outcome = next(outcomes)
            if outcome.compiled is not None:
                yield each, settings.shown(each.path, outcome.compiled)
                continue
            if self.debug and outcome.trace:
                note(outcome.trace)
            self.fail(outcome.message)

    def _outcomes(self, sources: list[Source]) -> Iterator[Outcome]:
        if len(sources) < 2:
            yield from map(_Compiling(None, self.debug), sources)
            return
        # Late: a single file, the common case, is to pay for none of this.
        from rayinfer_cli.cache import open_cache
        from rayinfer_cli.workers import Died, cpus, results

        cache = open_cache() if self.cache else None
        work = _Compiling(cache, self.debug)
        # Standard input is this process's own to read.
        jobs = (
            1 if any(source.path == STDIN for source in sources) else min(cpus(), len(sources) // FILES_FOR_A_PROCESS)
        )
        for source, outcome in zip(sources, results(work, sources, jobs), strict=True):
            if isinstance(outcome, Died):
                yield Outcome(None, _internal(source.name, outcome.reason, self.debug))
            else:
                yield outcome
        if cache is not None:
            cache.trim()

    def fail(self, message: str) -> None:
        """Say on standard error why a file is not done, and remember that one was not."""
        note(message)
        self.failures += 1


@dataclass(frozen=True)
class _Compiling:
    """Compiles a file, in whichever process; every trouble is part of the outcome."""

    cache: Cache | None
    debug: bool

    def __call__(self, source: Source) -> Outcome:
        try:
            data = source.read()
        except OSError as error:
            return Outcome(None, unreadable(source.name, error).message)
        try:
            return outcome_of(source, data, self.cache)
        except Exception as error:
            return Outcome(None, internal_error(source.name, error, self.debug), trace_of(error))


def outcome_of(source: Source, data: bytes, cache: Cache | None) -> Outcome:
    """What becomes of a file with this content, compiled or kept from before. Raises what the compiler fails with."""
    outcome = cache.get(source.name, data, read_file) if cache is not None else None
    if isinstance(outcome, Outcome):
        return outcome
    others: dict[str, bytes | None] = {}
    outcome = _compile(source, data, others)
    if cache is not None:
        cache.put(source.name, data, others, outcome)
    return outcome


def _compile(source: Source, data: bytes, others: dict[str, bytes | None]) -> Outcome:
    """Compile a file; the other files that were read, or looked for, are put in `others`."""
    from rayinfer.compiler import SourceError

    def read(path: str) -> bytes | None:
        if path not in others:
            others[path] = read_file(path)
        return others[path]

    try:
        return Outcome(_compile_quietly(data, source.name, read if source.has_neighbours() else None))
    except SourceError as error:
        return Outcome(None, str(error))


def _compile_quietly(data: bytes, name: str, read: Callable[[str], bytes | None] | None) -> Compiled:
    """Compile without Python's own warnings about the user's text: they are for whoever runs it."""
    from rayinfer.compiler import compile_source

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compile_source(data, name, read)


def internal_error(name: str, error: Exception, debug: bool) -> str:
    """The one sentence about a defect of ours."""
    return _internal(name, f"{type(error).__name__}: {error}".rstrip(": ").splitlines()[0], debug)


def trace_of(error: Exception) -> str:
    """The traceback of an internal error, for `--debug`."""
    return "".join(traceback.format_exception(error)).rstrip()


def _internal(name: str, what: str, debug: bool) -> str:
    advice = "" if debug else ", with what --debug prints"
    return (
        f"{name}: internal error ({what}); the file was left as it is. "
        f"This is a defect of rayinfer: please report it on its issue tracker{advice}"
    )


def nothing_to_do(source: Source) -> None:
    """Say that a file the user named holds no Ray; about files met on a walk nothing is said."""
    if source.below is None:
        note(f"{source.name}: nothing to do: the file does not use Ray")
