"""The house keeps its walls: imports run one way, each file says what it is, and none grows too long."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAX_LINES = 400

# The table of docs/architecture.md. `facade` is rayinfer/__init__.py and rayinfer/inferred.py, which only re-export.
MAY_IMPORT = {
    "ir": set(),
    "source": {"ir"},
    "facts": {"source", "ir"},
    "patterns": {"facts", "source", "ir"},
    "build": {"patterns", "facts", "source", "ir"},
    "emit": {"build", "patterns", "source", "ir"},
    "passes": {"ir"},
    "placement": {"ir"},
    "runtime": {"ir", "passes", "placement"},
    "compiler": {"ir", "source", "facts", "patterns", "build", "emit", "passes"},
    "facade": {"runtime"},
    "rayinfer_cli": {"compiler", "placement", "runtime"},
}
LATE = {("rayinfer_cli", "runtime"), ("rayinfer_cli", "placement"), ("rayinfer_cli", "compiler")}
KNOWS = {
    "libcst": {"source", "facts", "patterns", "build", "emit", "compiler"},
    "ray": {"runtime"},
    "click": {"rayinfer_cli"},
}
FILES = sorted([*(ROOT / "rayinfer").rglob("*.py"), *(ROOT / "rayinfer_cli").rglob("*.py")])
# The cases are what the compiler reads: byte-order marks, other encodings and all.
TESTS = [path for path in (ROOT / "tests").rglob("*.py") if path.parent.name not in ("change", "keep")]
ALL_FILES = sorted([*FILES, *(ROOT / "benchmarks").rglob("*.py"), *TESTS])


def room_of_module(module: str) -> str:
    """The room a dotted module name of the project lies in."""
    parts = module.split(".")
    if parts[0] == "rayinfer_cli":
        return "rayinfer_cli"
    return parts[1] if len(parts) > 1 and parts[1] in MAY_IMPORT else "facade"


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Each imported module and whether the import is late: inside a function, or for type checking alone."""
    package = module_of(path) if path.name == "__init__.py" else module_of(path).rpartition(".")[0]

    def visit(node: ast.AST, late: bool) -> Iterator[tuple[str, bool]]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, late
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            # `from rayinfer import compiler` names a module of its own, `from rayinfer import Map` does not.
            for alias in node.names:
                inner = f"{module}.{alias.name}"
                yield (inner if room_of_module(inner) != room_of_module(module) else module), late
        for child in ast.iter_child_nodes(node):
            inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or is_type_checking(node)
            yield from visit(child, late or inside)

    return visit(ast.parse(path.read_bytes()), False)


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def violations(path: Path) -> list[str]:
    """What a file imports and may not, in words."""
    room = room_of_module(module_of(path))
    found = []
    for module, late in imports(path):
        top = module.split(".")[0]
        if top in ("rayinfer", "rayinfer_cli"):
            target = room_of_module(module)
            if target == room:
                continue
            if target not in MAY_IMPORT[room]:
                found.append(f"{room} must not import {module}")
            elif (room, target) in LATE and not late:
                found.append(f"{room} must import {module} late")
        elif top in KNOWS and room not in KNOWS[top]:
            found.append(f"{room} must not know {top}")
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_one_way(path: Path) -> None:
    assert violations(path) == []


@pytest.mark.parametrize("path", ALL_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_short_and_says_what_it_is(path: Path) -> None:
    text = path.read_text()
    assert not text or ast.get_docstring(ast.parse(text)), "no docstring at the top"
    assert len(text.splitlines()) <= MAX_LINES


def test_the_compiler_runs_without_ray() -> None:
    program = ROOT / "corpus" / "stream_mapreduce" / "plain.py"
    code = f"""
import sys
sys.modules["ray"] = None
from rayinfer_cli.main import main
for command in ("rewrite", "explain", "check"):
    try:
        main([command, {str(program)!r}])
    except SystemExit as end:
        assert end.code in (0, 1, None), (command, end.code)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr


def test_every_room_is_in_the_table() -> None:
    folders = {path.name for path in (ROOT / "rayinfer").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders <= set(MAY_IMPORT)
    table = (ROOT / "docs" / "architecture.md").read_text()
    assert [room for room in sorted(folders) if f"| `{room}` |" not in table] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import ray", ["passes must not know ray"]),
        ("def f():\n    import ray.util", ["passes must not know ray"]),
        ("from rayinfer import runtime", ["passes must not import rayinfer.runtime"]),
        ("from ..build import module", ["passes must not import rayinfer.build"]),
        ("from rayinfer.ir.nodes import Map\nimport os", []),
    ],
)
def test_a_wrong_import_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, expected: list[str]
) -> None:
    file = tmp_path / "rayinfer" / "passes" / "sample.py"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    assert violations(file) == expected


def _brought_in_by(module: str) -> set[str]:
    """The modules that a process has after it imported one, and had not with ray alone."""
    code = f"import sys, ray; before = set(sys.modules); import {module}; print(*set(sys.modules) - before)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return set(done.stdout.split())


def test_what_a_rewritten_program_imports_is_small() -> None:
    found = _brought_in_by("rayinfer.inferred")
    assert "rayinfer" in found
    assert not {name.partition(".")[0] for name in found} & {"numpy", "libcst", "rayinfer_cli"}
    assert not [name for name in found if name.startswith("rayinfer.ir")]


def test_what_a_batch_of_plain_groups_imports_is_small() -> None:
    found = _brought_in_by("rayinfer.runtime.group")
    assert "rayinfer.runtime.carriers" in found
    assert not found & {"rayinfer.runtime.forests", "rayinfer.runtime.tiles", "rayinfer.passes.tiling", "numpy"}
