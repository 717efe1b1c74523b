"""The one printer of the IR: a graph as indented text."""

from __future__ import annotations

from rayinfer.ir.graph import Block, Evaluation, Graph, Item
from rayinfer.ir.nodes import OTHER, All, Argument, Each, Earlier, Group, MapActors, Refs, Shared, Some, Value


def format_graph(graph: Graph) -> str:
    """The graph as text, one line per group or evaluation, ending in a newline."""
    lines = [f"{graph.function}:  # line {graph.line}"]
    for item in graph.items:
        _format_item(item, 1, lines)
    return "\n".join(lines) + "\n"


def format_group(group: Group) -> str:
    """One group as `%2 shuffled = Map(shuffle, n, (5, each %1))`."""
    left = f"%{group.id} {group.name} = " if group.name else f"%{group.id} = "
    operands = [str(group.task)]
    if isinstance(group, MapActors):
        operands.append(_numbers(group.actors) if group.actors else str(group.over))
    elif group.width is not None:
        operands.append(str(group.width))
    operands.append(_format_arguments(group.args))
    operands.extend(f"and {_format_arguments(members.args)}" for members in group.more)
    return f"{left}{type(group).__name__}({', '.join(operands)})"


def _format_item(item: Item, depth: int, lines: list[str]) -> None:
    indent = "  " * depth
    if isinstance(item, Block):
        lines.append(indent + item.header)
        for inner in item.items:
            _format_item(inner, depth + 1, lines)
    elif isinstance(item, Evaluation):
        parts = ["evaluate"]
        if item.escaping:
            parts.append("refs=[" + ", ".join(item.escaping) + "]")
        if item.keep:
            parts.append("keep=[" + ", ".join(item.keep) + "]")
        if item.passed:
            parts.append("passed=[" + ", ".join(item.passed) + "]")
        if item.dead:
            parts.append("dead=[" + ", ".join(item.dead) + "]")
        reason = f": {item.reason}" if item.reason else ""
        lines.append(f"{indent}{' '.join(parts)}  # line {item.line}{reason}")
    else:
        where = f"  # line {item.span.line}" if item.span else ""
        lines.append(indent + format_group(item) + where)


_WORD = {Each: "each", Some: "some", Earlier: "earlier", Shared: "shared", All: "all", Refs: "refs"}


def _format_arguments(arguments: tuple[Argument, ...]) -> str:
    return "(" + ", ".join(format_argument(argument) for argument in arguments) + ")"


def format_argument(argument: Argument) -> str:
    """One argument as `each %1`, `all %0[i]` or `scale=2`."""
    slot = argument.slot
    text = str(slot.operand) if isinstance(slot, Value) else f"{_WORD[type(slot)]} {_numbers(slot.groups)}"
    if isinstance(slot, Some | Earlier | All | Refs) and slot.part is not None:
        text += f"[{slot.part}]"
    if argument.keyword is None:
        return text
    return f"**{text}" if argument.keyword == "**" else f"{argument.keyword}={text}"


def _numbers(groups: tuple[int, ...]) -> str:
    return "|".join("?" if number == OTHER else f"%{number}" for number in groups)
