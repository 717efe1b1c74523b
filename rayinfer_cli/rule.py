"""`rayinfer rule`: what a remark's code means, with an example and a hint."""

from __future__ import annotations

import dataclasses
import json
import shutil
import textwrap
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from rayinfer_cli.terminal import BAD_INPUT, CLEAN, note, wants_colour, write_text

if TYPE_CHECKING:
    from rayinfer.compiler import Rule

WIDEST = 100
KINDS = {
    "passed": "what was inferred and rewritten",
    "missed": "submissions that were left as they are",
    "analysis": "what was assumed, or kept a file from being analysed",
    "runtime": "what a rewritten program logs, once for each place, while it runs (logger `rayinfer`)",
    "error": "input that cannot be read: exit code 2, and the other files are still done",
}
COLOURS = {"passed": "green", "missed": "yellow", "analysis": "cyan", "runtime": "cyan", "error": "red"}


@click.command("rule")
@click.argument("codes", metavar="[CODE]...", nargs=-1)
@click.option("--format", "style", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
def command(codes: tuple[str, ...], style: str) -> int:
    """Explain the remark codes CODE...; without one, list all codes.

    The documentation's page of all remarks, docs/remarks.md, is this command's markdown.
    """
    from rayinfer.compiler import RULES, nearest

    unknown = [code for code in codes if code.upper() not in RULES]
    for code in unknown:
        note(f"{code}: no such code; the nearest are {', '.join(nearest(code))}, and `rayinfer rule` lists all")
    wanted = dict.fromkeys(code.upper() for code in codes if code not in unknown)
    rules = [RULES[code] for code in wanted] if codes else list(RULES.values())
    if style == "json":
        write_text(json.dumps({"version": 1, "rules": [dataclasses.asdict(rule) for rule in rules]}, indent=2))
    elif style == "markdown":
        write_text("\n".join(_page(rules)))
    elif codes:
        if rules:
            write_text("\n\n\n".join("\n".join(_explained(rule)) for rule in rules))
    else:
        write_text("\n".join(_listed(rules)))
    return BAD_INPUT if unknown else CLEAN


def _listed(rules: Iterable[Rule]) -> Iterator[str]:
    for rule in rules:
        yield f"{_code(rule)}  {rule.kind:8}  {rule.title}"


def _explained(rule: Rule) -> Iterator[str]:
    width = min(shutil.get_terminal_size().columns, WIDEST)
    yield f"{_code(rule)} {_bold(rule.title)} ({rule.kind})"
    yield ""
    yield from textwrap.wrap(rule.explanation, width)
    yield ""
    yield _bold("Example")
    yield ""
    yield textwrap.indent(_shown(rule.example), "    ").rstrip()
    if rule.hint:
        yield ""
        yield from textwrap.wrap(f"{_bold('Hint:')} {rule.hint}", width)


def _code(rule: Rule) -> str:
    return click.style(rule.code, fg=COLOURS[rule.kind], bold=True) if wants_colour() else rule.code


def _bold(text: str) -> str:
    return click.style(text, bold=True) if wants_colour() else text


def _shown(example: str) -> str:
    """The example with lines that nobody can read cut short."""
    lines = example.rstrip("\n").split("\n")
    return "\n".join(line if len(line) <= WIDEST else f"{line[:60]}...  # {len(line)} characters" for line in lines)


def _page(rules: Iterable[Rule]) -> Iterator[str]:
    yield "# Remarks"
    yield ""
    yield (
        "Every submission of a file is inferred, or listed with a stable code that says why not. This page is "
        "written by "
        "`make docs` from the registry, `rayinfer/ir/rules`; `rayinfer rule CODE` prints one entry."
    )
    by_kind: dict[str, list[Rule]] = {}
    for rule in rules:
        by_kind.setdefault(rule.kind, []).append(rule)
    for kind, several in by_kind.items():
        yield from ("", f"## {kind.capitalize()}: {KINDS[kind]}")
        for rule in several:
            yield from ("", f'### <a id="{rule.code.lower()}"></a>{rule.code}: {rule.title}')
            yield from ("", *textwrap.wrap(rule.explanation, 120))
            yield from ("", "```python", _shown(rule.example), "```")
            if rule.hint:
                yield from ("", *textwrap.wrap(f"**Hint:** {rule.hint}", 120))
