"""The `rayinfer` click group: subcommands are imported when they are called, so that start-up stays short."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

import click

from rayinfer_cli.terminal import BAD_INPUT, INTERRUPTED, flush, quiet_broken_pipe

SUBCOMMANDS = {
    "rewrite": "Rewrite Ray programs into their inferred dataflow; prints the diff.",
    "explain": "Print the inferred IR, and why code was or was not rewritten.",
    "graph": "Draw the inferred IR as Mermaid, DOT or an HTML page.",
    "check": "Report what could not be rewritten, as lint findings.",
    "rule": "Explain the code of a remark, with an example and a hint.",
    "run": "Rewrite a script in memory and run it.",
    "simulate": "Place the inferred groups on a cluster that is only imagined.",
}


class LazyGroup(click.Group):
    """A group whose subcommand NAME is the attribute `command` of `rayinfer_cli.NAME`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in SUBCOMMANDS:
            return None
        command: click.Command = importlib.import_module(f"rayinfer_cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the subcommands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(SUBCOMMANDS.items()))


def print_version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    """Print the installed version and end."""
    if not wanted or ctx.resilient_parsing:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        click.echo(f"rayinfer {version('rayinfer')}")
    except PackageNotFoundError:
        click.echo("rayinfer (not installed)")
    ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=print_version, help="Show it.")
def cli() -> None:
    """Infer the dataflow of plain Ray Core programs, rewrite them into it, and run them."""


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line `argv` (default: the process's own) and leave with its exit code."""
    sys.exit(_exit_code(argv))


def _exit_code(argv: Sequence[str] | None) -> int:
    try:
        with quiet_broken_pipe():
            result = cli.main(args=argv, prog_name="rayinfer", standalone_mode=False)
            flush()
    except click.exceptions.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return BAD_INPUT
    return result if isinstance(result, int) else 0
