"""Makes a failing program smaller for as long as it fails in the same way."""

from __future__ import annotations

from collections.abc import Callable

from tests.fuzz.syntax import Program, smaller


def reduced(program: Program, still_fails: Callable[[Program], bool], tries: int = 400) -> Program:
    """The smallest program found by leaving parts out, in at most so many tries."""
    left = tries
    while True:
        for candidate in smaller(program):
            left -= 1
            if left < 0:
                return program
            if still_fails(candidate):
                program = candidate
                break
        else:
            return program
