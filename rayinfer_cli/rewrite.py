"""`rayinfer rewrite`: the diff, or the rewritten files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from rayinfer_cli.compiling import Batch, cache_option, debug_option, nothing_to_do, paths_argument
from rayinfer_cli.diff import coloured, unified
from rayinfer_cli.inputs import STDIN, Source
from rayinfer_cli.terminal import BAD_INPUT, CLEAN, FINDINGS, note, wants_colour, write_bytes, write_text
from rayinfer_cli.writing import WriteError, write_atomically

if TYPE_CHECKING:
    from rayinfer.compiler import Compiled


@click.command("rewrite")
@paths_argument
@click.option("--write", "write", is_flag=True, help="Change the files.")
@click.option("-o", "output", metavar="PATH", help="Write the result to PATH ('-': standard output).")
@click.option("--check", "check", is_flag=True, help="Change nothing; exit 1 if something would change.")
@cache_option
@debug_option
def command(paths: tuple[str, ...], write: bool, output: str | None, check: bool, cache: bool, debug: bool) -> int:
    """Rewrite the Ray programs in PATH... into their inferred dataflow.

    Prints the unified diff unless told otherwise. A folder stands for the Python files in it, '-' for standard
    input. What is not understood stays byte for byte; `rayinfer explain` says why.
    """
    _check_usage(paths, write, output, check)
    batch = Batch(paths, debug, cache)
    changed = unchanged = 0
    for source, compiled in batch:
        if not compiled.uses_ray:
            nothing_to_do(source)
        changed += compiled.changed
        unchanged += not compiled.changed
        try:
            _deliver(source, compiled, write, output, check, Path(paths[0]).is_dir())
        except WriteError as error:
            batch.fail(str(error))
    if changed + unchanged > 1:
        done = "rewritten" if write or output else "would be rewritten"
        note(f"{changed} of {changed + unchanged} files {done}")
    if batch.failures:
        return BAD_INPUT
    return FINDINGS if check and changed else CLEAN


def _check_usage(paths: tuple[str, ...], write: bool, output: str | None, check: bool) -> None:
    if write + check + (output is not None) > 1:
        raise click.UsageError("--write, --check and -o exclude one another.")
    if write and STDIN in paths:
        raise click.UsageError("--write cannot change standard input; use -o.")
    if output is not None and len(paths) > 1:
        raise click.UsageError("-o takes one PATH; name one file or one folder.")
    if output == STDIN and Path(paths[0]).is_dir():
        raise click.UsageError("-o - prints one file; name a file.")


def _deliver(source: Source, compiled: Compiled, write: bool, output: str | None, check: bool, in_folder: bool) -> None:
    if output == STDIN:
        write_bytes(compiled.output)
    elif output is not None:
        if compiled.uses_ray:
            target = _place_below(Path(output), source) if in_folder else output
            write_atomically(target, compiled.output, like=source.path)
    elif write:
        if compiled.changed:
            write_atomically(source.path, compiled.output, like=source.path, expected=compiled.source)
    elif check:
        if compiled.changed:
            write_text(f"{source.name}: would be rewritten")
    elif compiled.changed:
        diff = unified(compiled.source, compiled.output, source.name)
        write_bytes(coloured(diff).encode("utf-8", "replace") if wants_colour() else diff)


def _place_below(output: Path, source: Source) -> str:
    """Where a file of the walked folder goes below `output`; makes the folders on the way."""
    target = output / (source.below or Path(source.path).name)
    try:
        # The folder above the one that was asked for must exist: a mistyped path makes no tree.
        output.mkdir(exist_ok=True)
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise WriteError(f"{target.parent}: cannot be made: {reason}; check the path and its permissions") from None
    return str(target)
