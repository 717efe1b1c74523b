"""`rayinfer explain`: the inferred IR and the remarks, as text or JSON."""

from __future__ import annotations

import json

import click

from rayinfer_cli.compiling import Batch, cache_option, debug_option, nothing_to_do, paths_argument
from rayinfer_cli.terminal import BAD_INPUT, CLEAN, write_text


@click.command("explain")
@paths_argument
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
@cache_option
@debug_option
def command(paths: tuple[str, ...], style: str, cache: bool, debug: bool) -> int:
    """Print the IR inferred from PATH..., and for each group why it was or was not rewritten.

    A folder stands for the Python files in it, '-' for standard input.
    """
    batch = Batch(paths, debug, cache)
    files = []
    for source, compiled in batch:
        from rayinfer.compiler import explain_json, explain_text

        if not compiled.uses_ray:
            nothing_to_do(source)
        if style == "json":
            files.append(explain_json(compiled))
        elif compiled.uses_ray or compiled.remarks:
            write_text(explain_text(compiled).rstrip("\n"))
    if style == "json":
        write_text(json.dumps({"version": 1, "files": files}, indent=2))
    return BAD_INPUT if batch.failures else CLEAN
