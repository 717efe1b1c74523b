"""`rayinfer graph`: the inferred IR as a drawing."""

from __future__ import annotations

from pathlib import Path

import click

from rayinfer_cli.compiling import Batch, debug_option, nothing_to_do
from rayinfer_cli.terminal import BAD_INPUT, CLEAN, write_text

FORMATS = ["mermaid", "dot", "html"]


@click.command("graph")
@click.argument("path", metavar="PATH")
@click.option("--format", "style", type=click.Choice(FORMATS), default="mermaid", show_default=True)
@debug_option
def command(path: str, style: str, debug: bool) -> int:
    """Draw the IR inferred from the file PATH ('-': standard input) as Mermaid, as DOT, or as a page of its own.

    The boxes are groups of tasks and actors, in frames of loops and regions; the arrows are what a group waits for.
    """
    if Path(path).is_dir():
        raise click.UsageError(f"{path} is a folder, and a drawing is of one file; name the file.")
    batch = Batch((path,), debug)
    for source, compiled in batch:
        if not compiled.uses_ray:
            nothing_to_do(source)
        from rayinfer.compiler import drawing

        write_text(drawing(compiled, style).rstrip("\n"))
    return BAD_INPUT if batch.failures else CLEAN
