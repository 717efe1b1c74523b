"""Liveness and reaching definitions, construct by construct."""

from __future__ import annotations

import time

import libcst as cst
import pytest

from rayinfer.facts.flow import Definition, Flow, analyse
from rayinfer.facts.scopes import Scopes, resolve
from rayinfer.facts.walk import walk

Block = cst.Module | cst.FunctionDef


class Program:
    """A body of code, as a function `f(p)` or as a module; statements are found by how their text starts."""

    def __init__(self, body: str, module: bool = False, exit_live: frozenset[str] | None = None) -> None:
        lines = body.strip("\n").split("\n")
        text = body if module else "def f(p):\n" + "\n".join(f"    {line}" for line in lines)
        self.tree = cst.parse_module(text)
        self.scopes: Scopes = resolve(self.tree)
        self.block: Block = self.tree
        if not module:
            self.block = next(node for node in self.tree.body if isinstance(node, cst.FunctionDef))
        self.flow: Flow = analyse(self.block, self.scopes, exit_live)

    def text(self, node: cst.CSTNode) -> str:
        return self.tree.code_for_node(node).strip()

    def statement(self, start: str) -> cst.CSTNode:
        kinds = (cst.BaseSmallStatement, cst.BaseCompoundStatement)
        below = (node for part in self.block.children for node in walk(part) if isinstance(node, kinds))
        return next(node for node in below if self.text(node).startswith(start))

    def after(self, start: str) -> str:
        return "".join(sorted(self.flow.live_after(self.statement(start))))

    def before(self, start: str) -> str:
        return "".join(sorted(self.flow.live_before(self.statement(start))))

    def end(self, start: str) -> str:
        body = self.statement(start).body  # type: ignore[attr-defined]
        return "".join(sorted(self.flow.live_at_end_of(body)))

    def said(self, definition: Definition) -> str:
        if definition.stmt is None:
            return definition.kind
        return self.text(definition.stmt).split("\n")[0].rstrip(": ")

    def reach(self, start: str, name: str = "x") -> list[str]:
        """What reaches the reads of a name in a statement."""
        found: set[Definition] = set()
        for node in walk(self.statement(start)):
            if isinstance(node, cst.Name) and node.value == name:
                found |= self.flow.reaching(node)
        return sorted(self.said(each) for each in found)


def test_straight_line() -> None:
    program = Program("x = 1\ny = x\nx = 2\nuse(x)")
    assert (program.before("x = 1"), program.after("x = 1"), program.after("y = x")) == ("", "x", "")
    assert program.reach("y = x") == ["x = 1"]
    assert program.reach("use(x)") == ["x = 2"]


def test_a_parameter_is_a_definition_and_an_unbound_local_an_entry() -> None:
    program = Program("use(p)\nif p:\n    x = 1\nuse(x, 2)")
    assert program.reach("use(p)", "p") == ["param"]
    assert program.reach("use(x") == ["entry", "x = 1"]
    assert [each.kind for each in program.flow.definitions("x")] == ["assign"]


REACHING = {
    "if": ("x = 1\nif p:\n    x = 2\nuse(x)", ["x = 1", "x = 2"]),
    "if and else": ("x = 1\nif p:\n    x = 2\nelse:\n    x = 3\nuse(x)", ["x = 2", "x = 3"]),
    "elif": ("if p:\n    x = 1\nelif p:\n    x = 2\nelse:\n    x = 3\nuse(x)", ["x = 1", "x = 2", "x = 3"]),
    "for target survives the loop": ("x = 0\nfor x in p:\n    pass\nuse(x)", ["for x in p", "x = 0"]),
    "for else": ("x = 0\nfor i in p:\n    x = 1\n    break\nelse:\n    x = 2\nuse(x)", ["x = 1", "x = 2"]),
    "continue goes round": (
        "x = 0\nfor i in p:\n    use(x)\n    x = 1\n    if i:\n        continue\n    x = 2",
        ["x = 0", "x = 1", "x = 2"],
    ),
    "while": ("x = 0\nwhile p:\n    use(x)\n    x = 1", ["x = 0", "x = 1"]),
    "while True leaves by break alone": ("x = 0\nwhile True:\n    x = 1\n    break\nuse(x)", ["x = 1"]),
    "return ends a path": ("x = 0\nif p:\n    x = 1\n    return\nuse(x)", ["x = 0"]),
    "raise ends a path": ("x = 0\nif p:\n    x = 1\n    raise E\nuse(x)", ["x = 0"]),
    "a handler sees every point of the body": (
        "x = 0\ntry:\n    x = 1\n    x = 2\nexcept E:\n    use(x)",
        ["x = 0", "x = 1", "x = 2"],
    ),
    "after try and handler": ("try:\n    x = g()\nexcept E:\n    x = 2\nuse(x)", ["x = 2", "x = g()"]),
    "else runs after the body alone": ("x = 0\ntry:\n    x = 1\nexcept E:\n    x = 2\nelse:\n    use(x)", ["x = 1"]),
    "the second handler is not reached from the first": (
        "x = 0\ntry:\n    g()\nexcept A:\n    x = 1\nexcept B:\n    use(x)",
        ["x = 0"],
    ),
    "except star runs several": (
        "x = 0\ntry:\n    g()\nexcept* A:\n    x = 1\nexcept* B:\n    use(x)",
        ["x = 0", "x = 1"],
    ),
    "finally sees all paths": (
        "x = 0\ntry:\n    x = 1\n    g()\n    x = 2\nfinally:\n    use(x)",
        ["x = 0", "x = 1", "x = 2"],
    ),
    "after a finally that was entered normally": ("x = 0\ntry:\n    x = 1\nfinally:\n    g()\nuse(x)", ["x = 1"]),
    "break through finally": (
        "x = 0\nwhile p:\n    try:\n        break\n    finally:\n        x = 1\nuse(x)",
        ["x = 0", "x = 1"],
    ),
    "break through finally leaves a loop without end": (
        "x = 0\nwhile True:\n    try:\n        break\n    finally:\n        x = 1\nuse(x)",
        ["x = 1"],
    ),
    "return in finally swallows": ("x = 0\ntry:\n    x = 1\nfinally:\n    return\nuse(x)", []),
    "a with may suppress": ("x = 0\nwith p:\n    x = 1\nuse(x)", ["x = 0", "x = 1"]),
    "a with target is bound before the body": ("x = 0\nwith p as x:\n    g()\nuse(x)", ["with p as x"]),
    "except as is cleared": ("x = 0\ntry:\n    g()\nexcept E as x:\n    g()\nuse(x)", ["except E as x", "x = 0"]),
    "del is a definition": ("x = 0\ndel x\nuse(x)", ["del x"]),
    "augmented assignment reads and binds": ("x = 0\nx += 1\nuse(x)", ["x += 1"]),
    "import": ("x = 0\nimport x.y\nuse(x)", ["import x.y"]),
    "def and class": ("def x(): pass\nclass x: pass\nuse(x)", ["class x: pass"]),
    "match, one case may match": ("x = 0\nmatch p:\n    case [x]:\n        pass\nuse(x)", ["case [x]", "x = 0"]),
    "match, bound in the case": ("x = 0\nmatch p:\n    case [x] if x:\n        use(x)", ["case [x] if x"]),
    "match, an irrefutable case": ("x = 0\nmatch p:\n    case x:\n        pass\nuse(x)", ["case x"]),
    "match, a guard that fails": (
        "match p:\n    case x if (y := x):\n        return\n    case _:\n        use(x, y)",
        ["case x if (y := x)"],
    ),
    "match, alternatives": (
        "x = 0\nmatch p:\n    case [x, 1] | (2, x):\n        use(x)",
        ["case [x, 1] | (2, x)", "case [x, 1] | (2, x)"],
    ),
    "walrus": ("x = 0\ng((x := 1))\nuse(x)", ["g((x := 1))"]),
    "walrus after and": ("x = 0\np and (x := 1)\nuse(x)", ["p and (x := 1)", "x = 0"]),
    "walrus in a conditional expression": (
        "x = 0\ny = (x := 1) if p else 2\nuse(x)",
        ["x = 0", "y = (x := 1) if p else 2"],
    ),
    "walrus in a chained comparison": ("x = 0\na < p < (x := 1)\nuse(x)", ["a < p < (x := 1)", "x = 0"]),
    "walrus in a comprehension": ("x = 0\n[x := i for i in p]\nuse(x)", ["[x := i for i in p]", "x = 0"]),
    "a walrus sees the round before": (
        "x = 0\nuse([x := x + i for i in p])",
        ["use([x := x + i for i in p])", "x = 0"],
    ),
    "assert may not run": ("x = 0\nassert (x := 1)\nuse(x)", ["assert (x := 1)", "x = 0"]),
    "targets are bound from left to right": ("x = 0\nx, use(x)[0] = 1, 2", ["x, use(x)[0] = 1, 2"]),
    "value before target": ("x = 0\nx = use(x)", ["x = 0"]),
    "nested function binds by nonlocal": (
        "x = 0\ndef g():\n    nonlocal x\n    x = 1\nx = 2\nuse(x)",
        ["assign", "x = 2"],
    ),
    "annotation without value binds nothing": ("x = 0\nx: int\nuse(x)", ["x = 0"]),
    "unreachable code": ("x = 0\nreturn\nuse(x)", []),
}


def _statement_of_use(body: str) -> str:
    return next(
        line.strip()
        for line in body.split("\n")
        if "use(" in line and not line.strip().startswith(("def", "while", "for"))
    )


@pytest.mark.parametrize(("body", "expected"), REACHING.values(), ids=REACHING)
def test_reaching(body: str, expected: list[str]) -> None:
    program = Program(body)
    line = _statement_of_use(body)
    assert program.reach(line) == expected


LIVE_AFTER = {
    "read later": ("x = 1\nuse(x)", "x = 1", "x"),
    "bound anew first": ("x = 1\nx = 2\nuse(x)", "x = 1", ""),
    "bound anew on one path": ("x = 1\nif p:\n    x = 2\nuse(x)", "x = 1", "px"),
    "read in the next round": ("x = 1\nfor i in p:\n    use(x)\n    y = 2", "y = 2", "x"),
    "not read in the next round": ("for i in p:\n    x = 1\n    use(x)", "use(x)", ""),
    "after a loop": ("x = 1\nfor i in p:\n    use(x)\nuse(i)", "for i", "i"),
    "after a break": ("x = y = 1\nwhile p:\n    if p:\n        break\n    use(x)\nuse(y)", "break", "y"),
    "after a continue": ("x = y = 1\nwhile p:\n    if p:\n        continue\n    use(x)\nuse(y)", "continue", "pxy"),
    "read in a handler": ("x = 1\ntry:\n    x = g()\nexcept E:\n    use(x)", "x = 1", "x"),
    "the last of a try cannot reach the handler": (
        "x = 1\ntry:\n    y = g()\nexcept E:\n    use(x)\nuse(y)",
        "y = g()",
        "y",
    ),
    "one before the last can": ("x = 1\ntry:\n    y = g()\n    g()\nexcept E:\n    use(x)", "y = g()", "x"),
    "the binding itself may fail": ("x = 1\ntry:\n    x = g()\nexcept E:\n    use(x)\n    raise", "x = 1", "x"),
    "read in finally": ("x = 1\ntry:\n    return\nfinally:\n    use(x)", "x = 1", "x"),
    "read after finally, through a break": (
        "x = 1\nwhile p:\n    try:\n        break\n    finally:\n        y = 1\nuse(x, y)",
        "y = 1",
        "pxy",
    ),
    "read after a with that suppresses": ("x = 1\nwith p:\n    x = g()\nuse(x)", "x = 1", "px"),
    "an exception in a with's exit": (
        "x = 1\ntry:\n    with p:\n        y = 1\nexcept E:\n    use(x)",
        "y = 1",
        "x",
    ),
    "del does not read": ("x = 1\ndel x", "x = 1", ""),
    "walrus that may not happen": ("x = 1\np and (x := 2)\nuse(x)", "x = 1", "px"),
    "walrus that happens": ("x = 1\ng((x := 2))\nuse(x)", "x = 1", ""),
    "a comprehension reads on the spot": ("x = 1\ny = [x for _ in p]\nuse(y)", "y =", "y"),
    "a comprehension's own name": ("i = 1\ny = [i for i in p]", "i = 1", "p"),
    "a lambda captures": ("x = 1\ng = lambda: x\nx = 2", "x = 2", "x"),
    "a nested function captures": ("x = 1\ndef g():\n    return x\nx = 2", "x = 2", "x"),
    "a generator captures": ("x = 1\ng = (x for _ in p)\nx = 2", "x = 2", "x"),
    "a generator's first iterable is read on the spot": ("x = 1\ng = (i for i in x)\nx = 2", "x = 2", ""),
    "a class body captures": ("x = 1\nclass C:\n    y = x\nx = 2", "x = 2", "x"),
    "a match subject": ("match p:\n    case [x]:\n        use(x)\n    case _:\n        y = 1\nuse(y)", "match", "y"),
    "an f-string": ("x = 1\nuse(f'{x:{p}}')", "x = 1", "px"),
    "dynamic names": ("x = 1\ny = locals()", "y =", "pxy"),
    "return": ("x = 1\nif p:\n    return\nuse(x)", "return", ""),
}


@pytest.mark.parametrize(("body", "start", "expected"), LIVE_AFTER.values(), ids=LIVE_AFTER)
def test_live_after(body: str, start: str, expected: str) -> None:
    program = Program(body)
    assert program.after(start) == expected
    for name in program.flow.names:
        assert program.flow.is_live_after(program.statement(start), name) is (name in program.after(start))


def test_live_at_the_end_of_a_loop_body() -> None:
    program = Program("x = y = z = 0\nfor i in p:\n    use(x)\n    x = 1\n    y = 2\n    z = 3\nuse(y)")
    assert program.end("for") == "xy"
    assert program.before("for") == "pxyz".replace("z", "")
    assert program.after("for") == "y"
    assert Program("x = y = 0\nfor i in p:\n    x = 1\n    break\nuse(x)").end("for") == "x"


def test_module_names_are_live_at_its_end_unless_told_otherwise() -> None:
    body = "x = 1\nx = 2\ny = 3\n"
    assert Program(body, module=True).after("x = 1") == ""
    assert Program(body, module=True).after("y = 3") == "xy"
    assert Program(body, module=True, exit_live=frozenset("y")).after("x = 2") == ""


def test_module_names_that_functions_mention_are_live_everywhere() -> None:
    program = Program("x = 1\nz = 1\ndef f():\n    global y\n    y = x\nx = 2\ny = 3\nz = 2\nuse(y)\n", module=True)
    assert program.after("z = 1") == "xy"
    assert program.reach("use(y)", "y") == ["assign", "y = 3"]


def test_a_global_of_a_function_is_not_tracked() -> None:
    program = Program("global x\nx = 1\nuse(x)")
    assert program.reach("use(x)") == []
    assert program.flow.definitions("x") == []
    assert program.after("x = 1") == ""


def test_import_star_may_bind_every_name() -> None:
    program = Program("x = 1\nfrom m import *\nuse(x)\n", module=True)
    assert program.reach("use(x)") == ["from m import *", "x = 1"]


def test_a_read_in_a_nested_scope_sees_every_definition() -> None:
    program = Program("x = 1\ng = lambda: x\nx = 2")
    use = next(
        node for node in program.scopes.occurrences(program.flow.scope, "x") if not program.scopes.is_store(node)
    )
    assert {program.said(each) for each in program.flow.reaching(use)} == {"entry", "x = 1", "x = 2"}
    assert all(use in program.flow.uses(each) for each in program.flow.definitions("x"))


def test_uses_and_definitions_are_in_source_order() -> None:
    program = Program("x = 1\nwhile p:\n    a(x)\n    x = b(x)\nc(x)\nx = 2\nd(x)")
    first, second, third = program.flow.definitions("x")
    order = [node for node in program.scopes.names() if node.value == "x" and not program.scopes.is_store(node)]
    assert program.flow.uses(first) == order[:3]
    assert program.flow.uses(second) == order[:3]
    assert program.flow.uses(third) == order[3:]


def test_definitions_that_reach_a_point() -> None:
    program = Program("x = 1\nfor i in p:\n    x = 2\nuse(1)")
    at = {
        start: program.flow.reaching_before(program.statement(start), "x") for start in ("x = 1", "for", "x = 2", "use")
    }
    said = {start: sorted(program.said(each) for each in several) for start, several in at.items()}
    both = ["x = 1", "x = 2"]
    assert said == {"x = 1": ["entry"], "for": ["x = 1"], "x = 2": both, "use": both}


def _seconds(source: str) -> float:
    tree = cst.parse_module(source)
    start = time.process_time()
    flow = analyse(tree, resolve(tree))
    for node in walk(tree):
        if isinstance(node, cst.Name):
            flow.reaching(node)
        elif isinstance(node, cst.BaseSmallStatement):
            flow.is_live_after(node, "x0")
    return time.process_time() - start


@pytest.mark.slow
def test_time_grows_with_length() -> None:
    def source(steps: int) -> str:
        return "\n".join(
            f"x{i} = f(a)\nfor a in x{i}:\n    if a:\n        b = g(a)\n    else:\n        b = 1\n        break\n"
            f"try:\n    c = h(x{i}, b)\nexcept E as e:\n    c = e\na = b = c"
            for i in range(steps)
        )

    short = min(_seconds(source(160)) for _ in range(3))
    long = min(_seconds(source(1600)) for _ in range(2))
    assert long < 40 * short  # ten times the lines; caches and the clock need some room, quadratic time would be 100


def test_long_chains() -> None:
    branches = "if a0:\n    x = 0\n" + "".join(f"elif a{i}:\n    x = {i}\n" for i in range(1, 400))
    tree = cst.parse_module(branches + "use(x)\ny = " + " + ".join(["x"] * 1000))
    flow = analyse(tree, resolve(tree))
    assert len(flow.uses(flow.definitions("x")[0])) == 1001
