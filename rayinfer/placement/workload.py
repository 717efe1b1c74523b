"""What an inferred graph is as work to place, once its widths and the sizes of its results are given."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from rayinfer.ir.graph import Evaluation, Graph
from rayinfer.ir.nodes import Broadcast, Dependency, Group, InitActors, MapActors, dependencies
from rayinfer.placement.batch import ACTORS, CALLS, TASKS
from rayinfer.placement.view import Ints

_ARITHMETIC: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
}


@dataclass(frozen=True, slots=True)
class Link:
    """What the members of a group take from the group `source`: `picks` is the one member that each takes, if one."""

    kind: str
    source: int
    picks: Ints | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """One group: its members, the CPUs each holds as it runs, and the bytes of each result.

    `kind` is `TASKS`, `ACTORS` or `CALLS`, the latter on the members of the group `actors` (None: on actors that are
    not in the graph). Groups of one `region` are submitted together; of these the results of one that is `dead` are
    not seen outside, those of an `open` one by all of the program. Members of one that `recurs` take earlier ones of
    their own group: where these are is not followed.
    """

    group: Group
    kind: str
    width: int
    region: int
    cpus: float = 1.0
    size: int = 0
    links: tuple[Link, ...] = ()
    actors: int | None = None
    dead: bool = False
    open: bool = False
    recurs: bool = False

    @property
    def number(self) -> int:
        """The group's number in the IR."""
        return self.group.id

    @property
    def line(self) -> int:
        """The line on which the group is submitted; 0 where that is not known."""
        return self.group.span.line if self.group.span is not None else 0


@dataclass(slots=True)
class Sizes:
    """What a user says of a program: the values of expressions, by their text, and the bytes of results.

    Keys of `values` are expressions as they stand in the IR (`args.reducers`), or `%3` and names of groups for their
    widths; keys of `results` are names or numbers of groups, and `""` for all others.
    """

    values: Mapping[str, int] = field(default_factory=dict)
    results: Mapping[str, int] = field(default_factory=dict)


class MissingSizes(Exception):
    """Something has no size; `widths` and `results` are (what to give, line) pairs."""

    def __init__(self, widths: list[tuple[str, int]], results: list[tuple[str, int]]) -> None:
        super().__init__("sizes are missing")
        # Where each is asked for first.
        self.widths = list(dict(reversed(widths)).items())[::-1]
        self.results = list(dict(reversed(results)).items())[::-1]


def workload(graph: Graph, sizes: Sizes, seed: int = 0) -> list[Work]:
    """The groups of a graph in program order, each loop once.

    Of alternatives at a join the last one counts. Which member of a group another takes, where the IR says only that
    it takes some, is drawn with `seed`.

    Raises:
        MissingSizes: where a width, or the size of a result that another group takes, is not given.
    """
    return _Reading(graph, sizes, np.random.default_rng(seed)).run()


class _Reading:
    def __init__(self, graph: Graph, sizes: Sizes, random: np.random.Generator) -> None:
        self.graph = graph
        self.results = sizes.results
        self.values = {_normal(text): value for text, value in sizes.values.items()}
        self.random = random
        self.found: dict[int, Work] = {}
        self.widths: list[tuple[str, int]] = []
        self.sizes: list[tuple[str, int]] = []

    def run(self) -> list[Work]:
        taken = {
            number
            for group in self.graph.groups()
            for d in dependencies(group)
            if d.kind != "recurrence"
            for number in d.groups
        }
        region: list[Group] = []
        regions = 0
        for item in self.graph.walk():
            if isinstance(item, Group):
                region.append(item)
            elif isinstance(item, Evaluation) and not item.passed:
                for group in region:
                    self.found[group.id] = self._work(group, regions, item, group.id in taken)
                region = []
                regions += 1
        if self.widths or self.sizes:
            raise MissingSizes(self.widths, self.sizes)
        return list(self.found.values())

    def _work(self, group: Group, region: int, end: Evaluation, taken: bool) -> Work:
        kind = ACTORS if isinstance(group, InitActors) else CALLS if isinstance(group, MapActors) else TASKS
        actors = self._last(group.actors) if isinstance(group, MapActors) else None
        width = self._width(group, actors)
        opened, kept = group.name in end.escaping and group.name is not None, group.name in end.keep
        return Work(
            group,
            kind,
            width,
            region,
            # An actor that asks for nothing holds no CPU while it lives, nor do the calls on it.
            1.0 if kind == TASKS else 0.0,
            self._size(group) if taken and kind != ACTORS else 0,
            tuple(self._links(group, width)),
            actors,
            dead=not opened and not kept,
            open=opened,
            recurs=any(dependency.kind == "recurrence" for dependency in dependencies(group)),
        )

    def _links(self, group: Group, width: int) -> Iterator[Link]:
        for dependency in dependencies(group):
            source = self._last(dependency.groups)
            if dependency.kind == "recurrence" or source is None or self.found[source].kind == ACTORS:
                continue
            yield Link(dependency.kind, source, self._picks(dependency, self.found[source], width))

    def _picks(self, dependency: Dependency, source: Work, width: int) -> Ints | None:
        if dependency.kind == "one-to-one":
            return np.arange(width) % max(source.width, 1)
        if dependency.kind == "group" and source.width:
            return self.random.integers(0, source.width, width)
        return None

    def _last(self, groups: tuple[int, ...]) -> int | None:
        """Of alternatives, the one that was executed last."""
        return next((number for number in reversed(groups) if number in self.found), None)

    def _width(self, group: Group, actors: int | None) -> int:
        given = self.values.get(f"%{group.id}", self.values.get(group.name) if group.name else None)
        if given is not None:
            return given
        if isinstance(group, Broadcast):
            return 1
        if group.width is not None:
            return self._value(str(group.width), group)
        if actors is not None:
            return self.found[actors].width
        matched = [d for d in dependencies(group) if d.kind == "one-to-one"]
        sources = [self.found[n].width for d in matched if (n := self._last(d.groups)) is not None]
        if sources:
            return sources[0]
        self.widths.append((f"%{group.id}", _line(group)))
        return 0

    def _value(self, text: str, group: Group) -> int:
        try:
            return self._evaluated(ast.parse(f"({text})", mode="eval").body)
        except (LookupError, SyntaxError, ZeroDivisionError) as error:
            missing = error.args[0] if isinstance(error, LookupError) else text
            self.widths.append((" ".join(str(missing).split()), _line(group)))
            return 0

    def _evaluated(self, tree: ast.expr) -> int:
        """The value of an expression; raises LookupError with the text of the part that has none."""
        text = ast.unparse(tree)
        if text in self.values:
            return self.values[text]
        if isinstance(tree, ast.Constant) and type(tree.value) is int:
            return tree.value
        if isinstance(tree, ast.BinOp) and type(tree.op) in _ARITHMETIC:
            return _ARITHMETIC[type(tree.op)](self._evaluated(tree.left), self._evaluated(tree.right))
        if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id == "len" and tree.args:
            named = [work for work in self.found.values() if work.group.name == ast.unparse(tree.args[0])]
            if named:
                return named[-1].width
        raise LookupError(text)

    def _size(self, group: Group) -> int:
        for key in (f"%{group.id}", group.name, ""):
            if key is not None and key in self.results:
                return self.results[key]
        self.sizes.append((group.name or f"%{group.id}", _line(group)))
        return 0


def _normal(text: str) -> str:
    """An expression in the one form in which texts are compared."""
    try:
        return ast.unparse(ast.parse(text, mode="eval"))
    except SyntaxError:
        return text


def _line(group: Group) -> int:
    return group.span.line if group.span is not None else 0
