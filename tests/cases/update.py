"""Writes every case's expected file anew, to be reviewed as a diff: `python -m tests.cases.update`."""

from __future__ import annotations

from tests.cases.golden import CASES, HERE, compiled, describe, expected_path


def main() -> None:
    """Write the expected files; print those that changed."""
    for case in CASES:
        text = describe(compiled(case))
        path = expected_path(case)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"changed: {path.relative_to(HERE)}")
    for path in HERE.glob("*/*.expected"):
        if not path.with_suffix(".py").exists():
            path.unlink()
            print(f"removed: {path.relative_to(HERE)}")


if __name__ == "__main__":
    main()
