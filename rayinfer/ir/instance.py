"""Whether what was executed is an instance of what was inferred: the check behind `rayinfer run --verify-ir`."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rayinfer.ir.automaton import START, Automaton
from rayinfer.ir.graph import Evaluation, Graph, Item
from rayinfer.ir.matching import Known, argument_difference
from rayinfer.ir.nodes import OTHER, Argument, Group, MapActors
from rayinfer.ir.printer import format_graph, format_group

# How many executed groups and evaluations of a function's call are kept, to be printed with a mismatch.
SHOWN = 40


@dataclass(frozen=True, slots=True)
class Executed:
    """One group as it ran; `group` has run-time operands, and the line on which the program made it.

    `shapes` are the different argument lists of its members. Of the inferred operands' texts, `tasks` name the task
    that ran, `widths` are numbers where the group was made, and `unknown` cannot be known without running user code.
    An incomplete group was ended by an exception. `in_order` says that call i went to actor i. An open one
    was made to grow, and has no member yet.
    """

    group: Group
    shapes: tuple[tuple[Argument, ...], ...]
    tasks: frozenset[str] = frozenset()
    widths: Mapping[str, int] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    complete: bool = True
    in_order: bool = True
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """One evaluation as it ran: the groups by number (None for what is no group), in the order they were given.

    `values` is the group of which only the values are taken. `pending` are groups of this call that it should have
    submitted and did not.
    """

    line: int
    escaping: tuple[int | None, ...] = ()
    keep: tuple[int | None, ...] = ()
    pending: tuple[int, ...] = ()
    values: tuple[int | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Where an executed graph first is no instance of the inferred one; an error of the compiler or the runtime."""

    line: int
    reason: str
    inferred: Graph | None
    executed: Graph

    def report(self) -> str:
        """The reason and both graphs as text."""
        inferred = "nothing\n" if self.inferred is None else format_graph(self.inferred)
        return f"line {self.line}: {self.reason}\n\ninferred:\n{inferred}\nexecuted:\n{format_graph(self.executed)}"


@dataclass(eq=False, slots=True)
class Run:
    """One call of a function: where it is in the inferred graph, and what its groups stand for."""

    function: str
    line: int
    graph: int | None
    known: Known
    states: frozenset[int] = START
    in_place: frozenset[int] = frozenset()
    items: deque[Item] = field(default_factory=lambda: deque(maxlen=SHOWN))
    broken: bool = False
    # Where the group made last may be one in place as well: the states without it, and which it may be.
    either: tuple[frozenset[int], frozenset[int]] | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    graph: int
    group: Group
    in_place: bool


class Checker:
    """Checks the regions of a program as they are executed.

    `made_at` is the user's line on which the node of each inferred group is made, by the group's number.
    """

    def __init__(self, graphs: Sequence[Graph], made_at: Mapping[int, int]) -> None:
        self.graphs = graphs
        self.automata = [Automaton(graph) for graph in graphs]
        self.mismatches: list[Mismatch] = []
        self._stands_for: dict[int, frozenset[int]] = {}
        self._widths: dict[int, int] = {}
        self._escaped: dict[int, set[int]] = {}
        self._places: dict[int, list[_Place]] = {}
        for index, automaton in enumerate(self.automata):
            for group, in_place in automaton.groups():
                self._places.setdefault(made_at[group.id], []).append(_Place(index, group, in_place))

    def operands(self, line: int) -> list[Group]:
        """The inferred groups that are made on a line."""
        return [place.group for place in self._places.get(line, ())]

    def begin(self, function: str, first_line: int) -> Run:
        """A new call of the function of this name, whose text starts on `first_line` (with its decorators)."""
        own = [i for i, g in enumerate(self.graphs) if g.function == function and g.line >= first_line]
        found = min(own, key=lambda i: self.graphs[i].line, default=None)
        known = Known(self._stands_for, self._widths, set())
        return Run(function, first_line if found is None else self.graphs[found].line, found, known)

    def region(self, run: Run, groups: Sequence[Executed], ended: Ended | None) -> frozenset[int]:
        """Check one executed region: its groups in program order, and its evaluation; None for one that was left.

        The numbers of the groups that were made in it and belong to a later one: they had no member yet.
        """
        if run.broken:
            return frozenset()
        named = {*ended.escaping, *ended.keep, *ended.values} if ended is not None else set()
        empty = [one.group.id for one in groups if one.is_open and self._has_name(one) and one.group.id not in named]
        before, known = (run.states, run.in_place, run.either), run.known.copy() if empty else run.known
        # Some in a row are of this region: those before them an exception left, those behind them begin later.
        count = len(empty)
        rows = (range(at, at + size) for size in range(1, count + 1) for at in range(count - size + 1))
        for row in (range(0), *rows):
            later = {number for at, number in enumerate(empty) if at not in row}
            problem = self._region(run, [one for one in groups if one.group.id not in later], ended)
            if problem is None or len(row) == count:
                break
            run.states, run.in_place, run.either = before
            run.known.restore(known)
        groups = [one for one in groups if one.group.id not in later]
        run.items.extend(executed.group for executed in groups)
        if ended is not None:
            run.items.append(_evaluation(ended, groups))
        if problem is not None:
            run.broken = True
            line, reason = problem
            inferred = None if run.graph is None else self.graphs[run.graph]
            self.mismatches.append(Mismatch(line, reason, inferred, Graph(run.function, run.line, tuple(run.items))))
        return frozenset(later)

    def _has_name(self, executed: Executed) -> bool:
        """Whether a group is inferred to be a list or dict of the program's."""
        inferred = self.operands(executed.group.span.line) if executed.group.span is not None else []
        return bool(inferred) and all(group.name for group in inferred)

    def _region(self, run: Run, groups: Sequence[Executed], ended: Ended | None) -> tuple[int, str] | None:
        """Where and why an executed region is none that may come next; None when it is one."""
        problem = None
        for executed in groups:
            problem = problem or self._place(run, executed)
        # A group that grows may take members of groups that were made after it.
        for executed in groups:
            problem = problem or self._arguments(run, executed)
        if ended is not None:
            problem = problem or self._evaluation(run, ended)
            for number in {executed.group.id for executed in groups} - set(ended.keep):
                run.known.forget(number)
        return problem

    def passed(self, run: Run, line: int) -> None:
        """Check a get that passes on what it gives."""
        inferred = [e for graph in self.graphs for e in graph.evaluations() if e.passed and e.line == line]
        run.items.append(inferred[0] if inferred else Evaluation(line, "", passed=("?",)))
        if not inferred and not run.broken:
            run.broken = True
            graph = None if run.graph is None else self.graphs[run.graph]
            reason = "a value is passed on where that was not inferred"
            self.mismatches.append(Mismatch(line, reason, graph, Graph(run.function, run.line, tuple(run.items))))

    def _place(self, run: Run, executed: Executed) -> tuple[int, str] | None:
        group = executed.group
        line = group.span.line if group.span is not None else 0
        run.known.widths[group.id] = group.width
        if run.graph is None and run.function != "<module>" and run.function.startswith("<"):
            # A comprehension or lambda belongs to the function that it stands in.
            run.graph = next((place.graph for place in self._places.get(line, ())), None)
            run.known.escaped |= self._escaped.get(-1 if run.graph is None else run.graph, set())
        if run.in_place:
            return line, f"%{group.id} was made before the group in place before it was evaluated"
        here = [place for place in self._places.get(line, ()) if place.graph == run.graph]
        if not here:
            return line, f"%{group.id} was made where no group was inferred"
        differences = [operand_difference(place.group, executed) for place in here]
        fitting = [place for place, found in zip(here, differences, strict=True) if found is None]
        if not fitting:
            return line, f"%{group.id} is no instance of {format_group(here[0].group)}: {differences[0]}"
        automaton = self.automata[fitting[0].graph]
        after = automaton.after(run.states, {place.group.id for place in fitting if not place.in_place})
        in_place = frozenset(place.group.id for place in fitting if place.in_place)
        run.either = None
        if after:
            numbers = frozenset(automaton.number(state) for state in after)
            run.known.stands_for[group.id] = numbers | in_place
            if in_place and executed.complete:
                run.either = run.states, in_place
            run.states = after
            return None
        if not in_place:
            expected = ", ".join(automaton.expected(run.states)) or "the end"
            return line, f"%{group.id} comes out of order: what may come here is {expected}"
        run.known.stands_for[group.id] = in_place
        if executed.complete:
            run.in_place = in_place
        return None

    def _arguments(self, run: Run, executed: Executed) -> tuple[int, str] | None:
        number, span = executed.group.id, executed.group.span
        possible = run.known.stands_for.get(number, frozenset())
        inferred = [p.group for p in self._places.get(span.line if span else 0, ()) if p.group.id in possible]
        differences = [member_difference(group, executed, run.known) for group in inferred]
        fitting = {group.id for group, found in zip(inferred, differences, strict=True) if found is None}
        if fitting:
            run.known.stands_for[number] = frozenset(fitting)
            return None
        line = span.line if span else 0
        return line, f"%{number} is no instance of {format_group(inferred[0])}: {differences[0]}"

    def _evaluation(self, run: Run, ended: Ended) -> tuple[int, str] | None:
        either, run.either = run.either, None
        problem = self._ends(run, ended)
        if problem is not None and either is not None:
            # Two groups of one task on a line: the evaluation tells the one in place.
            run.states, run.in_place = either
            return self._ends(run, ended)
        return problem

    def _ends(self, run: Run, ended: Ended) -> tuple[int, str] | None:
        if ended.pending:
            return ended.line, f"{_numbers(ended.pending)} is still pending after the evaluation"
        if run.in_place:
            inside, run.in_place = run.in_place, frozenset()
            # Its arguments may have told it from another group of the same task on the line.
            found = [
                (number and run.known.stands_for.get(number)) or frozenset()
                for number in ended.escaping or ended.values
            ]
            if len(found) != 1 or inside.isdisjoint(found[0]) or ended.keep:
                return ended.line, "an evaluation in place takes other groups than the one before it"
            return None
        if run.graph is None:
            return ended.line, "an evaluation where none was inferred"
        automaton = self.automata[run.graph]
        possible = automaton.evaluations(run.states)
        if not possible:
            expected = ", ".join(automaton.expected(run.states)) or "the end"
            return ended.line, f"an evaluation comes where none was inferred: what may come here is {expected}"
        wrong = [self._names(automaton, run.known, evaluation, ended) for _, evaluation in possible]
        right = frozenset(state for (state, _), found in zip(possible, wrong, strict=True) if found is None)
        if not right:
            return ended.line, str(wrong[0])
        run.states = right
        for number in ended.escaping:
            run.known.escaped.update(run.known.stands_for.get(number, ()) if number is not None else ())
        for state, evaluation in possible:
            if state in right:
                run.known.escaped.update(automaton.named(evaluation.escaping))
        self._escaped.setdefault(run.graph, set()).update(run.known.escaped)
        return None

    def _names(self, automaton: Automaton, known: Known, evaluation: Evaluation, ended: Ended) -> str | None:
        """How the names of an inferred evaluation differ from the groups of an executed one."""
        pairs = (
            (evaluation.escaping, ended.escaping or ended.values, "escape"),
            (evaluation.keep, ended.keep, "are kept"),
        )
        for names, given, what in pairs:
            if len(names) != len(given):
                return f"{len(given)} groups {what} where {len(names)} were inferred to: line {evaluation.line}"
            for name, number in zip(names, given, strict=True):
                if number is not None and not known.stands_for.get(number, frozenset()) & automaton.named((name,)):
                    return f"%{number} is not the `{name}` that was inferred"
        return None


def operand_difference(inferred: Group, executed: Executed) -> str | None:
    """How the kind, task or width of an executed group is no instance of an inferred one; None when it is."""
    group = executed.group
    if _family(inferred) is not _family(group):
        return f"it is {type(group).__name__}"
    if inferred.task not in executed.tasks and inferred.task not in executed.unknown:
        return f"its task is {group.task}"
    width = inferred.width
    if width is not None and executed.complete and width not in executed.unknown:
        wanted = int(width) if str(width).isdigit() else executed.widths.get(width)
        if wanted is None or max(wanted, 0) != group.width:
            return f"it has {group.width} members, and {width} is {wanted}"
    return None


def member_difference(inferred: Group, executed: Executed, known: Known) -> str | None:
    """How what the members of an executed group take is no instance of what was inferred; None when it is."""
    group = executed.group
    if isinstance(inferred, MapActors) and isinstance(group, MapActors):
        if group.width and not known.is_one_of(group.actors, inferred.actors):
            return f"its actors are those of {_numbers(group.actors) or 'no group'}"
        if inferred.in_order and not executed.in_order:
            return "a call went to another actor than the one of its number"
    wanted = [inferred.args, *(members.args for members in inferred.more)]
    for shape in executed.shapes:
        found = [argument_difference(args, shape, known) for args in wanted]
        if None not in found:
            return found[0]
    return None


def _family(group: Group) -> type[Group]:
    """The node's kind; whether calls on actors take a whole group is seen in their arguments."""
    return MapActors if isinstance(group, MapActors) else type(group)


def _evaluation(ended: Ended, groups: Iterable[Executed]) -> Evaluation:
    live = {*ended.escaping, *ended.keep}
    dead = tuple(f"%{e.group.id}" for e in groups if e.group.id not in live)
    return Evaluation(ended.line, "", _texts(ended.escaping), _texts(ended.keep), dead)


def _texts(groups: Iterable[int | None]) -> tuple[str, ...]:
    return tuple("?" if number is None else f"%{number}" for number in groups)


def _numbers(groups: Iterable[int]) -> str:
    return ", ".join("?" if number == OTHER else f"%{number}" for number in groups)
