"""The flow analysis against what random programs do when they run.

Every program is written twice, line by line: plain, for the analysis, and with calls that log each read, write and
completed statement. Whatever the log shows, the analysis must have foreseen.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import libcst as cst
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rayinfer.facts.flow import Definition, Flow, analyse
from rayinfer.facts.scopes import resolve
from rayinfer.facts.walk import walk

_VARIABLES = ("a", "b", "c")
_CAUGHT = ("ValueError", "(KeyError, NameError)", "Exception", None)
_Text = tuple[str, str]  # plain, logging


class _Writer:
    """Writes a program in both forms, and numbers its variables' occurrences and its statements in source order."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.plain = ["def f():"]
        self.logging = ["def f():"]
        self.names = 0
        self.statements = 0
        self.fuel = rng.randint(4, 30)
        self.suite(1, [self.first], loop=False, stores=_VARIABLES)

    def line(self, depth: int, plain: str, logging: str | None = None) -> None:
        if plain:
            self.plain.append("    " * depth + plain)
        if logging != "":
            self.logging.append("    " * depth + (plain if logging is None else logging))

    def jump(self, depth: int, plain: str, logging: str | None = None) -> None:
        """A jump that is mostly not taken."""
        self.statements += 1
        self.line(depth, f"if C(): {plain}", f"if C(): {plain if logging is None else logging}")

    def name(self) -> int:
        self.names += 1
        return self.names - 1

    def expression(self, stores: tuple[str, ...], depth: int = 0) -> _Text:
        kind = self.rng.choice(["read"] * 4 + ["one", "raise", "add", "and", "if", "comp", "lambda", "walrus", "chain"])
        if kind in ("read", "one", "raise") or depth > 2:
            if kind == "raise":
                return "P()", "P()"
            if kind == "one":
                return "1", "1"
            variable = self.rng.choice(_VARIABLES)
            return variable, f"R({self.name()}, '{variable}', {variable})"
        if kind == "walrus":
            if not stores:
                return "1", "1"
            variable, number = self.rng.choice(stores), self.name()
            value = self.expression(stores, depth + 1)
            return f"({variable} := {value[0]})", f"({variable} := W({number}, '{variable}', {value[1]}))"
        first = self.expression(() if kind == "lambda" else stores, depth + 1)
        if kind == "comp":
            return f"len([{first[0]} for _ in N()])", f"len([{first[1]} for _ in N()])"
        if kind == "lambda":
            return f"(lambda: {first[0]})()", f"(lambda: {first[1]})()"
        second = self.expression(stores, depth + 1)
        form = {
            "add": "({} + {})",
            "and": "(C() and {} or {})",
            "if": "({} if C() else {})",
            "chain": "({} <= C() <= {})",
        }[kind]
        return form.format(first[0], second[0]), form.format(first[1], second[1])

    def suite(
        self,
        depth: int,
        first: list[Callable[[int], None]],
        loop: bool,
        stores: tuple[str, ...],
        bound: list[tuple[int, str]] | None = None,
        end: int | None = None,
        nested: bool = False,
    ) -> None:
        for number, variable in bound or ():
            self.line(depth, "", f"W({number}, '{variable}', 1)")
        for each in first:
            each(depth)
        for _ in range(self.rng.randint(1, 4)):
            self.statement(depth, loop, stores, nested)
        if end is not None:
            self.line(depth, "", f"E({end})")

    def first(self, depth: int) -> None:
        """Bind every variable somewhere, so that all are the function's own."""
        for variable in _VARIABLES:
            self.statements += 2
            self.line(depth, "if C():")
            self.line(depth + 1, f"{variable} = 1", f"{variable} = W({self.name()}, '{variable}', 1)")

    def statement(self, depth: int, loop: bool, stores: tuple[str, ...], nested: bool) -> None:
        self.fuel -= 1
        kinds = ["assign"] * 3 + ["use"] * 3 + ["augment", "del", "raise", "return"]
        if loop:
            kinds += ["break", "break", "continue", "continue"]
        if self.fuel > 0 and depth < 6:
            kinds += ["if", "while", "for", "for", "try", "try", "with", "match"]
            if not nested:
                kinds.append("def")
        kind = self.rng.choice(kinds)
        if not stores and kind in ("assign", "augment", "del", "for", "with", "match"):
            kind = "use"
        number = self.statements
        self.statements += 1
        self.line(depth, "", f"B({number})")
        getattr(self, "_" + kind)(number, depth, loop, stores, nested)
        self.line(depth, "", f"S({number})")

    def _assign(self, number: int, depth: int, loop: bool, stores: tuple[str, ...], nested: bool) -> None:
        variable, name = self.rng.choice(stores), self.name()
        value = self.expression(stores)
        self.line(depth, f"{variable} = {value[0]}", f"{variable} = W({name}, '{variable}', {value[1]})")

    def _augment(self, number: int, depth: int, loop: bool, stores: tuple[str, ...], nested: bool) -> None:
        variable, name = self.rng.choice(stores), self.name()
        value = self.expression(stores)
        read = f"R({name}, '{variable}', {variable})"
        self.line(depth, f"{variable} += {value[0]}", f"{variable} = W({name}, '{variable}', {read} + {value[1]})")

    def _use(self, number: int, depth: int, loop: bool, stores: tuple[str, ...], nested: bool) -> None:
        value = self.expression(stores)
        self.line(depth, f"U({value[0]})", f"U({value[1]})")

    def _del(self, number: int, depth: int, loop: bool, stores: tuple[str, ...], nested: bool) -> None:
        variable = self.rng.choice(stores)
        name = self.name()
        self.line(depth, f"del {variable}")
        self.line(depth, "", f"W({name}, '{variable}', 1)")

    def _raise(self, number: int, depth: int, loop: bool, stores: tuple[str, ...], nested: bool) -> None:
        self.jump(depth, f"raise {self.rng.choice(['ValueError', 'KeyError'])}")

    def _return(self, number: int, depth: int, loop: bool, stores: tuple[str, ...], nested: bool) -> None:
        value = self.expression(stores)
        self.jump(depth, f"return {value[0]}", f"return {value[1]}")

    def _break(self, number: int, depth: int, loop: bool, stores: tuple[str, ...], nested: bool) -> None:
        self.jump(depth, "break")

    def _continue(self, number: int, depth: int, loop: bool, stores: tuple[str, ...], nested: bool) -> None:
        self.jump(depth, "continue")

    def _if(self, number: int, depth: int, loop: bool, stores: tuple[str, ...], nested: bool) -> None:
        self.line(depth, "if C():")
        self.suite(depth + 1, [], loop, stores, nested=nested)
        while self.rng.random() < 0.3:
            self.statements += 1
            test = self.expression(stores)
            self.line(depth, f"elif {test[0]}:", f"elif {test[1]}:")
            self.suite(depth + 1, [], loop, stores, nested=nested)
        self._maybe_else(depth, loop, stores, nested)

    def _maybe_else(self, depth: int, loop: bool, stores: tuple[str, ...], nested: bool) -> None:
        if self.rng.random() < 0.4:
            self.line(depth, "else:")
            self.suite(depth + 1, [], loop, stores, nested=nested)

    def _while(self, number: int, depth: int, loop: bool, stores: tuple[str, ...], nested: bool) -> None:
        if self.rng.random() < 0.3:
            self.line(depth, "while True:")
            self.line(depth + 1, "if not C(): break")
            self.statements += 2
        else:
            test = self.expression(stores)
            self.line(depth, f"while C() and {test[0]}:", f"while C() and {test[1]}:")
        self.suite(depth + 1, [], True, stores, end=number, nested=nested)
        self._maybe_else(depth, loop, stores, nested)

    def _for(self, number: int, depth: int, loop: bool, stores: tuple[str, ...], nested: bool) -> None:
        target = (self.name(), self.rng.choice(stores))
        self.line(depth, f"for {target[1]} in N():")
        self.suite(depth + 1, [], True, stores, bound=[target], end=number, nested=nested)
        self._maybe_else(depth, loop, stores, nested)

    def _with(self, number: int, depth: int, loop: bool, stores: tuple[str, ...], nested: bool) -> None:
        target = (self.name(), self.rng.choice(stores))
        self.line(depth, f"with M() as {target[1]}, M():")
        self.suite(depth + 1, [], loop, stores, bound=[target], nested=nested)

    def _try(self, number: int, depth: int, loop: bool, stores: tuple[str, ...], nested: bool) -> None:
        self.line(depth, "try:")
        self.suite(depth + 1, [], loop, stores, nested=nested)
        final = self.rng.random() < 0.6
        caught = sorted(self.rng.sample(range(4), self.rng.randint(0 if final else 1, 2)))
        for number_ in caught:
            kind = _CAUGHT[number_]
            bound = []
            if kind is None:
                self.line(depth, "except:")
            elif stores and self.rng.random() < 0.5:
                bound = [(self.name(), self.rng.choice(stores))]
                self.line(depth, f"except {kind} as {bound[0][1]}:")
            else:
                self.line(depth, f"except {kind}:")
            self.suite(depth + 1, [], loop, stores, bound=bound, nested=nested)
        if caught:
            self._maybe_else(depth, loop, stores, nested)
        if final:
            self.line(depth, "finally:")
            self.suite(depth + 1, [], loop, stores, nested=nested)

    def _match(self, number: int, depth: int, loop: bool, stores: tuple[str, ...], nested: bool) -> None:
        self.line(depth, "match N():")
        variables = list(stores)
        self.rng.shuffle(variables)
        for pattern in self.rng.sample(["[{}, *{}]", "[{}]", "[] | 3", "[[]] as {}"], self.rng.randint(1, 3)):
            count = min(pattern.count("{}"), len(variables))
            if count < pattern.count("{}"):
                continue
            self._case(depth, pattern, [(self.name(), variables[at]) for at in range(count)], loop, stores, nested)
        self._case(depth, "{}", [(self.name(), variables[0])], loop, stores, nested)

    def _case(
        self,
        depth: int,
        pattern: str,
        bound: list[tuple[int, str]],
        loop: bool,
        stores: tuple[str, ...],
        nested: bool,
    ) -> None:
        text = pattern.format(*(variable for _, variable in bound))
        logs = " and ".join(f"W({number}, '{variable}', 1)" for number, variable in bound) or "True"
        guarded = pattern != "{}" and self.rng.random() < 0.5
        guard = " if C()" if guarded else ""
        self.line(depth + 1, f"case {text}{guard}:", f"case {text} if {logs}{' and C()' if guarded else ''}:")
        self.suite(depth + 2, [], loop, stores, nested=nested)

    def _def(self, number: int, depth: int, loop: bool, stores: tuple[str, ...], nested: bool) -> None:
        inner = tuple(self.rng.sample(_VARIABLES, self.rng.randint(0, 2)))
        self.line(depth, "def g():")
        if inner:
            self.line(depth + 1, f"nonlocal {', '.join(inner)}")
            self.statements += 1
        self.suite(depth + 1, [], False, inner, nested=True)
        self.statements += 1
        self.line(depth, "g()")


class _Manager:
    def __init__(self, suppresses: bool, fails: bool) -> None:
        self.suppresses = suppresses
        self.fails = fails

    def __enter__(self) -> int:
        return 1

    def __exit__(self, *_: object) -> bool:
        if self.fails:
            raise ValueError
        return self.suppresses


def _trace(code: Any, seed: int) -> list[tuple[str, int, str]]:
    """Run the logging form once, with random choices and failures; the log of what happened."""
    rng = random.Random(seed)
    log: list[tuple[str, int, str]] = []
    left = 60

    def chance(part: float) -> bool:
        nonlocal left
        left -= 1
        return left > 0 and rng.random() < part

    def read(number: int, variable: str, value: Any) -> Any:
        log.append(("read", number, variable))
        return 1

    def write(number: int, variable: str, value: Any) -> Any:
        log.append(("write", number, variable))
        return 1

    def fail() -> int:
        if chance(0.4):
            raise rng.choice([ValueError, KeyError])
        return 1

    space = {
        "R": read,
        "W": write,
        "P": fail,
        "U": lambda value: fail(),
        "C": lambda: chance(0.5),
        "N": lambda: [1] * rng.randint(0, 2) if chance(0.9) else [],
        "M": lambda: _Manager(rng.random() < 0.5, chance(0.1)),
        "S": lambda number: log.append(("after", number, "")),
        "B": lambda number: log.append(("before", number, "")),
        "E": lambda number: log.append(("end", number, "")),
    }
    exec(code, space)
    with suppress(ValueError, KeyError, NameError):
        space["f"]()  # type: ignore[operator]
    return log


def _check(flow: Flow, names: list[cst.Name], statements: list[Any], log: list[tuple[str, int, str]]) -> None:
    last: dict[str, int] = {}
    for kind, number, variable in log:
        if kind == "write":
            last[variable] = number
        elif kind == "read":
            seen = names[last[variable]]
            reached = [each for each in flow.reaching(names[number]) if _makes(each, seen)]
            assert reached, f"the write {last[variable]} of {variable} reaches the read {number}"
            assert names[number] in flow.uses(reached[0])
            assert reached[0] in flow.definitions(variable)
    following: dict[str, str] = {}
    for kind, number, variable in reversed(log):
        if variable:
            following[variable] = kind
            continue
        read = {name for name, event in following.items() if event == "read"}
        if kind == "after":
            assert read <= flow.live_after(statements[number]), f"live after statement {number}"
        elif kind == "before":
            assert read <= flow.live_before(statements[number]), f"live before statement {number}"
        else:
            assert read <= flow.live_at_end_of(statements[number].body), f"live at the end of loop {number}"


def _makes(definition: Definition, node: cst.Name) -> bool:
    return definition.node is node and (definition.kind != "del" or isinstance(definition.stmt, cst.Del | None))


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.integers(min_value=0, max_value=2**32))
def test_the_analysis_foresees_every_run(seed: int) -> None:
    program = _Writer(random.Random(seed))
    tree = cst.parse_module("\n".join(program.plain) + "\n")
    scopes = resolve(tree)
    function = tree.body[0]
    assert isinstance(function, cst.FunctionDef)
    flow = analyse(function, scopes)
    names = [name for name in scopes.names() if name.value in _VARIABLES]
    kinds = (cst.BaseSmallStatement, cst.BaseCompoundStatement)
    statements = [node for node in walk(function.body) if isinstance(node, kinds)]
    assert (len(names), len(statements)) == (program.names, program.statements), tree.code
    code = compile("\n".join(program.logging) + "\n", "<logging>", "exec")
    for run in range(15):
        _check(flow, names, statements, _trace(code, seed + run))
