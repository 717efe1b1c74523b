"""Scopes and flow of every file of the standard library and of ray, against symtable, bytecode and beniget.

`python -m tests.facts.long_run [FOLDER...]` prints what was compared and every difference; exit code 1 if there is one.
"""

from __future__ import annotations

import sys
import sysconfig
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from pathlib import Path

from rayinfer.source.text import SourceError, UnanalysedError
from tests.facts.definitions import Compared, compare
from tests.facts.test_scopes_symtable import disagreements


def main(folders: list[str]) -> int:
    """Compare every Python file below the folders."""
    warnings.simplefilter("ignore")
    started = time.monotonic()
    paths = sorted(
        {
            path
            for folder in folders
            for path in Path(folder).rglob("*.py")
            if "site-packages" not in path.relative_to(folder).parts
        }
    )
    wrong = pairs = theirs = overruled = skipped = 0
    with ProcessPoolExecutor(2) as pool:
        for path, scopes, result in pool.map(_check, paths, chunksize=8):
            for text in scopes:
                wrong += 1
                print(f"{path}: scopes: {text}")
            if result is None:
                skipped += 1
                continue
            pairs, theirs = pairs + result.pairs, theirs + result.theirs
            overruled += result.overruled
            for (name, line, column), bound in (*result.missed, *result.disputed):
                wrong += 1
                print(f"{path}:{line}:{column + 1}: `{name}` as bound on line {bound} is not found")
    print(
        f"{len(paths)} files ({skipped} not followed), {pairs} pairs of the compiler, {theirs} of beniget,"
        f" {overruled} of which the compiler does not have; {wrong} differences; {time.monotonic() - started:.0f} s"
    )
    return 1 if wrong else 0


def _check(path: Path) -> tuple[Path, list[str], Compared | None]:
    data = path.read_bytes()
    result = None
    try:
        result = compare(data, str(path))
    except UnanalysedError:
        return path, [], None
    except (SourceError, SyntaxError, ValueError, RecursionError):
        pass
    return path, disagreements(data, str(path)), result


if __name__ == "__main__":
    ray = find_spec("ray")
    own = [sysconfig.get_paths()["stdlib"], str(Path(ray.origin).parent)] if ray and ray.origin else []
    sys.exit(main(sys.argv[1:] or own))
