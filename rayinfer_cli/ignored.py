"""What a walk through a folder leaves out: what .gitignore files name, hidden folders, and virtual environments."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

SKIPPED_FOLDERS = {"__pycache__", "node_modules", "site-packages"}
# Each stands at the top of an environment: of venv and virtualenv, and of conda.
ENVIRONMENT_MARKS = ("pyvenv.cfg", "conda-meta")


@dataclass(frozen=True)
class Rules:
    """The .gitignore files that hold for a folder, each with the folder that it stands in; the innermost is last."""

    specs: tuple[tuple[str, GitIgnoreSpec], ...] = ()

    def entering(self, folder: str, files: Sequence[str]) -> Rules:
        """The rules for what is in a folder, which holds these files."""
        spec = _spec(os.path.join(folder, ".gitignore")) if ".gitignore" in files else None
        return self if spec is None else Rules((*self.specs, (os.path.abspath(folder), spec)))

    def ignore(self, path: str, is_folder: bool = False) -> bool:
        """Whether git would ignore a file or folder, if it looked into the folder that it stands in."""
        if not self.specs:
            return False
        full = os.path.abspath(path)
        for base, spec in reversed(self.specs):
            inside = os.path.relpath(full, base).replace(os.sep, "/")
            verdict = spec.check_file(f"{inside}/" if is_folder else inside).include
            if verdict is not None:
                return verdict
        return False


def rules_above(folder: str) -> Rules:
    """The rules of the repository that a folder stands in; none where they ignore the folder, which was asked for."""
    full = Path(os.path.abspath(folder))
    root = next((above for above in (full, *full.parents) if (above / ".git").exists()), None)
    rules = Rules()
    if root is None or root == full:
        return rules
    at = root
    for part in full.relative_to(root).parts:
        try:
            rules = rules.entering(str(at), os.listdir(at))
        except OSError:
            return rules
        at /= part
        if rules.ignore(str(at), is_folder=True):
            return Rules()
    return rules


def skipped(parent: str, name: str, rules: Rules) -> bool:
    """Whether a walk leaves out the folder `name` in `parent`."""
    if name.startswith(".") or name in SKIPPED_FOLDERS:
        return True
    path = os.path.join(parent, name)
    if any(os.path.exists(os.path.join(path, mark)) for mark in ENVIRONMENT_MARKS):
        return True
    return rules.ignore(path, is_folder=True)


def _spec(path: str) -> GitIgnoreSpec | None:
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(Path(path).read_text(encoding="utf-8", errors="replace").splitlines())
    except (OSError, ValueError):
        return None  # git, too, goes on without a file that it cannot read
