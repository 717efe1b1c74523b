"""The graph of one function: its groups and evaluation points in program order, and the verifier."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from rayinfer.ir.nodes import OTHER, Earlier, Group, MapActors, Value, known


class VerifierError(Exception):
    """A graph breaks one of the IR's rules; this is an error of the compiler, never of the user."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The end of a region: everything pending is submitted.

    `line` is the statement that ends the region, `escaping` the names that become real lists, `keep` the names that
    stay groups. `in_place` says that it takes the one group before it, in the middle of an expression. At run time
    groups stand by number, those whose refs nobody will see among `dead`, and there is no reason.

    One with `passed` is a `ray.get` whose values go on to other calls, under these names, perhaps as refs: it takes no
    group, and what is pending was submitted before.
    """

    line: int
    reason: str
    escaping: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    dead: tuple[str, ...] = ()
    in_place: bool = False
    passed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A loop or branch; `header` is its first source line.

    In one that `regroups` each place begins its group when it is first come to, and anew when what is pending was
    submitted meanwhile: the groups may come in any order.
    """

    header: str
    items: tuple[Item, ...]
    regroups: bool = False


Item: TypeAlias = Group | Evaluation | Block


@dataclass(frozen=True, slots=True)
class Graph:
    """What was inferred in one function, or in the module's own code (`function` is then `<module>`)."""

    function: str
    line: int
    items: tuple[Item, ...] = field(default=())

    def walk(self) -> Iterator[Item]:
        """Every group, evaluation and block, in program order."""
        stack = list(reversed(self.items))
        while stack:
            item = stack.pop()
            yield item
            if isinstance(item, Block):
                stack.extend(reversed(item.items))

    def groups(self) -> tuple[Group, ...]:
        """The groups in program order."""
        return tuple(item for item in self.walk() if isinstance(item, Group))

    def evaluations(self) -> tuple[Evaluation, ...]:
        """The evaluation points in program order."""
        return tuple(item for item in self.walk() if isinstance(item, Evaluation))


def verify(graph: Graph) -> None:
    """Checks single assignment, operands that exist, and that every group is followed by an evaluation.

    An `Earlier` slot takes members of the group that it stands in, perhaps among others.

    Raises:
        VerifierError: with the group and the rule that it breaks.
    """
    groups = graph.groups()
    numbers = {group.id for group in groups}
    if len(numbers) != len(groups):
        raise VerifierError(f"{graph.function}: two groups share a number")
    for group in groups:
        slots = [*group.args, *(argument for members in group.more for argument in members.args)]
        operands = [number for a in slots if not isinstance(a.slot, Value) for number in a.slot.groups]
        if isinstance(group, MapActors):
            operands += group.actors
        for argument in slots:
            if isinstance(argument.slot, Earlier) and group.id not in known(argument.slot.groups):
                raise VerifierError(f"{graph.function}: %{group.id} takes earlier members of another group")
        missing = [number for number in operands if number not in numbers and number != OTHER]
        if missing:
            raise VerifierError(f"{graph.function}: %{group.id} takes %{missing[0]}, which is not in the graph")
    pending = False
    for item in graph.walk():
        if isinstance(item, Group):
            pending = True
        elif isinstance(item, Evaluation) and not item.passed:
            pending = False
        elif isinstance(item, Evaluation) and pending:
            raise VerifierError(f"{graph.function}: line {item.line} passes values on inside of a region")
    if pending:
        raise VerifierError(f"{graph.function}: the last region has no evaluation")
