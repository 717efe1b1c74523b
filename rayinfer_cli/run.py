"""`rayinfer run`: rewrite a script in memory and run it as if it had been run by python."""

from __future__ import annotations

import atexit
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rayinfer_cli.compiling import debug_option, internal_error, outcome_of, trace_of
from rayinfer_cli.inputs import STDIN, STDIN_NAME, Source, unreadable
from rayinfer_cli.settings import BACKENDS, load
from rayinfer_cli.terminal import BAD_INPUT, NOT_AS_INFERRED, note

if TYPE_CHECKING:
    from types import CodeType

    from rayinfer.compiler import Compiled


@click.command("run", context_settings={"allow_interspersed_args": False})
@click.option("--backend", type=click.Choice(BACKENDS), default=None, help="How groups are run  [default: group]")
@click.option("--address", metavar="ADDRESS", help="Connect to this Ray cluster.")
@click.option("--local-nodes", type=click.IntRange(1), metavar="N", help="Start a cluster of N nodes on this machine.")
@click.option("--cpus-per-node", type=click.IntRange(1), metavar="M", help="Logical CPUs of each local node.")
@click.option("--placement", is_flag=True, help="Print on standard error where every member is placed.")
@click.option(
    "--verify-ir", is_flag=True, envvar="RAYINFER_VERIFY_IR", help="Check that what runs is what was inferred."
)
@click.option("--stats", is_flag=True, help="Print a table of what was submitted, in what mode and why, at the end.")
@click.option(
    "--trace", metavar="FILE", help="Write the plan and Ray's timeline to FILE, for Perfetto or chrome://tracing."
)
@debug_option
@click.argument("script", metavar="SCRIPT")
@click.argument("arguments", metavar="[ARGS]...", nargs=-1, type=click.UNPROCESSED)
def command(
    backend: str | None,
    address: str | None,
    local_nodes: int | None,
    cpus_per_node: int | None,
    placement: bool,
    verify_ir: bool,
    stats: bool,
    trace: str | None,
    debug: bool,
    script: str,
    arguments: tuple[str, ...],
) -> int:
    """Rewrite SCRIPT in memory and run it with ARGS, which may hold options of its own.

    Exit code, arguments and traceback lines are the script's own. The backend `inline` needs no cluster: everything
    runs in this process, in the order of submission. With --verify-ir the exit code is 70 where the executed graph is
    no instance of the inferred one. --stats and --trace show how groups were run once the script has ended.
    """
    backend = backend or os.environ.get("RAYINFER_BACKEND") or load((script,)).backend or "group"
    _check_usage(backend, address, local_nodes, cpus_per_node)
    loaded = _load(script, debug)
    if loaded is None:
        return BAD_INPUT
    code, compiled = loaded
    # IR that somebody wrote by hand is not held against what was inferred: nothing.
    verified = compiled if verify_ir and compiled is not None and compiled.graphs else None
    os.environ["RAYINFER_BACKEND"] = backend
    if placement:
        os.environ["RAYINFER_PLACEMENT"] = "1"
    if address is not None:
        os.environ["RAY_ADDRESS"] = address
    if local_nodes is not None:
        _start_cluster(local_nodes, cpus_per_node or 1)
    if backend == "inline":
        from rayinfer.runtime import config

        config.prepare()
    if trace is not None:
        # The script may change its working folder.
        trace = os.path.abspath(trace)
        if not os.path.isdir(os.path.dirname(trace)) or os.path.isdir(trace):
            raise click.UsageError(f"--trace {trace} cannot be written; name a file in a folder that exists.")
    if stats or trace is not None:
        return _run_observed(code, verified, script, arguments, debug, stats, trace)
    if verified is not None:
        return _run_verified(code, verified, script, arguments, debug)
    from rayinfer.runtime.script import run_script

    return run_script(code, script, arguments, show_all=debug)


def _run_observed(
    code: CodeType,
    verified: Compiled | None,
    script: str,
    arguments: tuple[str, ...],
    show_all: bool,
    stats: bool,
    trace: str | None,
) -> int:
    """Run the script and its threads, and then show what was submitted; also when it fails, leaves or is terminated."""
    from rayinfer.runtime import config
    from rayinfer.runtime.script import run_script, wait_for_threads
    from rayinfer_cli.observing import report

    config.observed = True
    signal.signal(signal.SIGTERM, _leave)
    if verified is not None:
        status = _run_verified(code, verified, script, arguments, show_all)
    else:
        status = run_script(code, script, arguments, show_all=show_all)
        wait_for_threads()
    written = report(script, stats, trace)
    return status if written or status else BAD_INPUT


def _run_verified(code: CodeType, compiled: Compiled, script: str, arguments: tuple[str, ...], show_all: bool) -> int:
    """Run the script and its threads, and then say where what was executed is not what was inferred."""
    from rayinfer.runtime import config
    from rayinfer.runtime.script import run_script, wait_for_threads

    config.verified = compiled.graphs, dict(compiled.made_at), code.co_filename
    status = run_script(code, script, arguments, show_all=show_all)
    wait_for_threads()
    # Ray, and all that imports it, is the script's own to import first.
    regions = sys.modules.get("rayinfer.runtime.regions")
    mismatches = regions.recorder.finish() if regions is not None and regions.recorder is not None else []
    for mismatch in mismatches:
        note(
            f"{script}: internal error: what was executed is not what was inferred. This is a defect of rayinfer: "
            f"please report it on its issue tracker, with the script and this text. The results are the script's own.\n"
            f"{mismatch.report()}"
        )
    return NOT_AS_INFERRED if mismatches else status


def _check_usage(backend: str, address: str | None, local_nodes: int | None, cpus_per_node: int | None) -> None:
    if backend not in BACKENDS:
        raise click.UsageError(f"RAYINFER_BACKEND is {backend!r}; choose from {', '.join(BACKENDS)}.")
    if backend == "inline" and (address or local_nodes):
        raise click.UsageError("--backend inline runs without a cluster; leave out --address and --local-nodes.")
    if address and local_nodes:
        raise click.UsageError("--address and --local-nodes exclude one another.")
    if cpus_per_node and not local_nodes:
        raise click.UsageError("--cpus-per-node needs --local-nodes.")


def _load(script: str, debug: bool) -> tuple[CodeType, Compiled | None] | None:
    """The script's code and what was inferred; when the compiler itself fails, the code of its unchanged text.

    None for input that cannot be run.
    """
    from rayinfer.runtime.script import compile_script
    from rayinfer_cli.cache import open_cache

    is_stdin = script == STDIN
    # As Python has it: the working folder and the path as given, neither resolved nor made shorter.
    name = STDIN_NAME if is_stdin else script if Path(script).is_absolute() else f"{Path.cwd()}/{script}"
    if Path(script).is_dir():
        note(f"{script}: is a folder; name the script in it")
        return None
    try:
        source = Source(script, STDIN_NAME if is_stdin else script)
        data = source.read()
    except OSError as error:
        note(unreadable(script, error).message)
        return None
    try:
        cache = open_cache()
        outcome = outcome_of(source, data, cache)
        if cache is not None and cache.has_grown:
            cache.trim()
        compiled = outcome.compiled
        if compiled is None:
            note(outcome.message)
            return None
        return compile_script(data, compiled.output, compiled.line_map, name), compiled
    except Exception as error:
        if debug:
            note(trace_of(error))
        note(f"{internal_error(script, error, debug)}. It runs now as plain Ray")
        return compile(data, name, "exec", dont_inherit=True), None


def _start_cluster(nodes: int, cpus: int) -> None:
    """Start a local cluster that ends with this process: after the script's own exit handlers, also when terminated."""
    from rayinfer.runtime.local_cluster import LocalCluster

    signal.signal(signal.SIGTERM, _leave)
    cluster = LocalCluster(nodes, cpus)
    atexit.register(cluster.stop)
    os.environ["RAY_ADDRESS"] = cluster.address


def _leave(number: int, _frame: object) -> None:
    """End as a process that this signal ended does, but by way of its exit handlers."""
    sys.exit(128 + number)
