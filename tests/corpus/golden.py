"""Expected files of the corpus, the README's example and the gallery; `python -m tests.corpus.golden` writes them."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

from benchmarks import gallery
from rayinfer.compiler import compile_source
from rayinfer.ir.printer import format_graph

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAMS = tuple(sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "corpus").glob("*/plain.py")))
STREAM_JOB = "corpus/stream_mapreduce/plain.py"


def expected_files(program: str) -> dict[str, bytes]:
    """What the compiler makes of a program now: the content of each expected file, by name."""
    compiled = compile_source((ROOT / program).read_bytes(), program)
    graphs = "\n".join(format_graph(graph) for graph in compiled.graphs)
    remarks = [f"{remark.line}:{remark.column + 1}: {remark.code} {remark.message}\n" for remark in compiled.remarks]
    return {
        "expected_ir.txt": graphs.encode(),
        "expected_rewrite.py": compiled.output,
        "expected_remarks.txt": "".join(remarks).encode(),
    }


def readme_with_example(readme: str) -> str:
    """The README with the diff and the IR of the stream job as they are now."""
    files = expected_files(STREAM_JOB)
    before, after = (ROOT / STREAM_JOB).read_text().splitlines(), files["expected_rewrite.py"].decode().splitlines()
    diff = "\n".join(difflib.unified_diff(before, after, f"a/{STREAM_JOB}", f"b/{STREAM_JOB}", lineterm=""))
    ir = files["expected_ir.txt"].decode().rstrip("\n")
    readme = re.sub(r"(?s)```diff\n.*?```", lambda _: f"```diff\n{diff}\n```", readme)
    return re.sub(r"(?s)```\nmain:.*?```", lambda _: f"```\n{ir}\n```", readme)


def main() -> None:
    for program in PROGRAMS:
        for name, content in expected_files(program).items():
            path = (ROOT / program).with_name(name)
            path.write_bytes(content)
            print(path.relative_to(ROOT))
    readme = ROOT / "README.md"
    readme.write_text(readme_with_example(readme.read_text()))
    gallery.PAGE.write_text(gallery.page(gallery.programs(), gallery.read_times()))


if __name__ == "__main__":
    main()
