"""Which functions may share a process with other tasks of their region."""

from __future__ import annotations

import math
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rayinfer.passes.hazards import hazard

LOCK = threading.Lock()
TABLE = {"a": 1}


class Waits:
    def run(self) -> None:
        time.sleep(1)
        for _ in range(3):
            time.sleep(0.1)


class Adds:
    def run(self, x: int) -> int:
        return x + 1


HELPER = Waits()


def plain(x: float) -> float:
    return math.sqrt(x) + TABLE["a"] + sum(i for i in range(3))


def sleeps_once(x: int) -> int:
    time.sleep(0.01)
    return x


def calls_plain(x: float) -> float:
    return plain(x) + Adds().run(1)


def sleeps_in_a_loop() -> None:
    while True:
        time.sleep(0.1)


def polls_a_file(path: str) -> None:
    while not os.path.exists(path):
        pass


def polls_a_path(path: Path) -> None:
    while not path.exists():
        pass


def opens_until_it_is_there(path: str) -> None:
    while True:
        try:
            with open(path):
                return
        except FileNotFoundError:
            pass


def opens_one_after_the_other(paths: list[str]) -> int:
    size = 0
    for path in paths:
        with open(path) as file:
            size += len(file.read())
    return size


def takes_a_lock() -> None:
    with LOCK:
        pass


def calls_ray(x: Any) -> Any:
    import ray

    return ray.get(x)


def calls_a_handle(handle: Any) -> Any:
    return handle.add.remote(1)


def leaves() -> None:
    sys.exit(1)


def leaves_in_a_comprehension() -> list[Any]:
    return [os._exit(i) for i in range(3)]


def calls_what_calls_ray(x: Any) -> Any:
    return calls_ray(x)


def uses_an_object_that_waits() -> None:
    HELPER.run()


def makes_an_object_that_waits() -> None:
    Waits().run()


def has_a_waiting_default(step: Callable[[], None] = sleeps_in_a_loop) -> None:
    step()


def generates() -> Any:
    yield 1


def closes_over(step: Callable[[], None]) -> Callable[[], None]:
    def inner() -> None:
        step()

    return inner


@pytest.mark.parametrize(
    "function",
    [plain, sleeps_once, calls_plain, opens_one_after_the_other, lambda x: x + 1, closes_over(lambda: None)],
)
def test_harmless_functions(function: Callable[..., Any]) -> None:
    assert hazard(function) is None


@pytest.mark.parametrize(
    "function",
    [
        sleeps_in_a_loop, polls_a_file, polls_a_path, opens_until_it_is_there, takes_a_lock, calls_ray, calls_a_handle,
        leaves, leaves_in_a_comprehension, calls_what_calls_ray, uses_an_object_that_waits, makes_an_object_that_waits,
        has_a_waiting_default, generates, closes_over(sleeps_in_a_loop), len, Adds,
    ],
)  # fmt: skip
def test_functions_that_wait_leave_or_call_ray(function: Callable[..., Any]) -> None:
    assert hazard(function) is not None
