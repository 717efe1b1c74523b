"""What the generator knows while it writes a program: which names are bound to what, and where it stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

_T = TypeVar("_T")

# What a name may be bound to. SMALL is a number of at most about 5, VALUE any plain value, VALUES a list of such.
SMALL, VALUE, VALUES, LIST, DICT, ARRAY = "small", "value", "values", "list", "dict", "array"
REF, REFS, GRID, BAG, TASK, ITERATOR = "ref", "refs", "grid", "bag", "task", "iterator"
HANDLE, HANDLES, TABLE = "handle", "handles", "table"
# Names by what they usually hold; any name may be bound anew to anything.
_USUAL = {
    SMALL: "n k m", VALUE: "v w", VALUES: "got out", LIST: "data items", DICT: "table", ARRAY: "array", REF: "d e",
    REFS: "xs ys zs ws", GRID: "grid", BAG: "bag box", TASK: "g", HANDLE: "actor", HANDLES: "actors pool",
    ITERATOR: "it", TABLE: "by_key where",
}  # fmt: skip


@dataclass
class State:
    """One place of a program that is being written.

    `choose` gives a number from 0 to what it is given less one: from a random generator, or from hypothesis.
    `names` are bound on every path so far, to what they say. `kept` may be read but not bound: they belong to an outer
    function, or count the rounds of a loop. `risky` programs may raise, `calm` ones submit much between what ends
    regions, and `cluster` ones run on a real cluster, too.
    """

    choose: Callable[[int], int]
    names: dict[str, str] = field(default_factory=dict)
    kept: frozenset[str] = frozenset()
    functions: dict[str, tuple[tuple[str, ...], str]] = field(default_factory=dict)
    risky: bool = False
    calm: bool = False
    cluster: bool = False
    depth: int = 0
    in_loop: bool = False
    in_function: bool = False
    in_try: bool = False
    numbers: list[int] = field(default_factory=lambda: [0])

    def below(self, count: int) -> int:
        """A number from 0 to `count` - 1."""
        return self.choose(count)

    def chance(self, percent: int) -> bool:
        """True in so many of 100 programs."""
        return self.below(100) >= 100 - percent

    def pick(self, options: Sequence[_T]) -> _T:
        """One of several."""
        return options[self.below(len(options))] if len(options) > 1 else options[0]

    def weighted(self, options: Sequence[tuple[int, _T]]) -> _T:
        """One of several, each with its weight."""
        number = self.below(sum(weight for weight, _ in options))
        for weight, option in options:
            number -= weight
            if number < 0:
                return option
        raise AssertionError("weights are positive")

    def all(self, *kinds: str) -> list[str]:
        """The names that hold one of these."""
        return [name for name, kind in self.names.items() if kind in kinds]

    def some(self, *kinds: str) -> str | None:
        """A name that holds one of these, if there is one; the last one bound most often."""
        found = self.all(*kinds)
        if not found:
            return None
        return found[-1] if self.chance(40) else self.pick(found)

    def name(self, kind: str) -> str:
        """A name to bind to something of this kind: a usual one, or now and then one that holds something else."""
        free = [name for name in self.names if name not in self.kept]
        if free and self.chance(12):
            return self.pick(free)
        usual = [name for name in _USUAL[kind].split() if name not in self.kept]
        return self.pick(usual) if usual else self.fresh(kind)

    def bind(self, name: str, kind: str) -> str:
        """Note that a name is bound; gives the name."""
        self.names.pop(name, None)
        self.names[name] = kind
        return name

    def new(self, kind: str) -> str:
        """A name that is bound to this kind from now on."""
        return self.bind(self.name(kind), kind)

    def fresh(self, stem: str) -> str:
        """A name that nothing else in the program has."""
        self.numbers[0] += 1
        return f"{stem}{self.numbers[0]}"

    def inner(self, **changes: object) -> State:
        """The same place one level deeper: what is bound there is not bound here."""
        return replace(self, **{"names": dict(self.names), "depth": self.depth + 1, **changes})  # type: ignore[arg-type]

    def join(self, others: Sequence[State]) -> None:
        """Go on after branches: names are what they are at the end of all of them; now and then, of one."""
        for name, kind in list(self.names.items()):
            if any(other.names.get(name) != kind for other in others):
                if not (self.risky and self.chance(10)):
                    del self.names[name]
        for name, kind in others[0].names.items():
            left_unbound = self.risky and self.chance(3) and name not in self.names
            if left_unbound or all(other.names.get(name) == kind for other in others):
                self.names[name] = kind
