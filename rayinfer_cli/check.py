"""`rayinfer check`: what was not rewritten, as lint findings."""

from __future__ import annotations

import json
from dataclasses import dataclass

import click

from rayinfer_cli.compiling import Batch, cache_option, debug_option, nothing_to_do, paths_argument
from rayinfer_cli.terminal import BAD_INPUT, CLEAN, FINDINGS, note, write_text


@dataclass(frozen=True)
class Finding:
    """One remark at its place in a file; the column counts from 0, and from 1 where people and editors read it."""

    path: str
    line: int
    column: int
    code: str
    kind: str
    message: str
    hint: str


@click.command("check")
@paths_argument
@click.option("--format", "style", type=click.Choice(["text", "json", "github"]), default="text", show_default=True)
@cache_option
@debug_option
def command(paths: tuple[str, ...], style: str, cache: bool, debug: bool) -> int:
    """Report the submissions in PATH... that could not be rewritten, with the reason and a hint.

    A folder stands for the Python files in it, '-' for standard input. Exits 1 if there are findings.
    """
    batch = Batch(paths, debug, cache)
    findings: list[Finding] = []
    for source, compiled in batch:
        if not compiled.uses_ray:
            nothing_to_do(source)
        found = [Finding(source.name, **remark.to_json()) for remark in compiled.remarks if remark.is_finding]
        findings += found
        if style != "json":
            for finding in found:
                write_text(_as_text(finding) if style == "text" else _as_github(finding))
    if style == "json":
        write_text(json.dumps({"version": 1, "findings": [vars(finding) for finding in findings]}, indent=2))
    elif findings and style == "text":
        from rayinfer.compiler import where_explained

        note(where_explained({finding.code for finding in findings}))
    if batch.failures:
        return BAD_INPUT
    return FINDINGS if findings else CLEAN


def _as_text(finding: Finding) -> str:
    hint = f" ({finding.hint})" if finding.hint else ""
    return f"{finding.path}:{finding.line}:{finding.column + 1}: {finding.code} {finding.message}{hint}"


def _as_github(finding: Finding) -> str:
    level = "warning" if finding.kind == "missed" else "notice"
    place = f"file={_escaped(finding.path, True)},line={finding.line},col={finding.column + 1}"
    message = f"{finding.message} ({finding.hint})" if finding.hint else finding.message
    return f"::{level} {place},title={_escaped(finding.code, True)}::{_escaped(message, False)}"


def _escaped(text: str, in_property: bool) -> str:
    """Escape as GitHub's workflow commands ask: https://docs.github.com/actions/reference/workflow-commands."""
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if in_property else text
