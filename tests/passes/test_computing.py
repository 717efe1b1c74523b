"""Which functions do nothing but compute."""

from __future__ import annotations

import json
import math
import os
import random
import socket
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rayinfer.passes.computing import only_computes

TABLE = {"a": [1, 2], "b": (3.0, "x")}
WEIGHTS = np.ones(3)
HIDDEN = {"open": open}
SOCKET = socket.socket
PATH = Path("x")


class Thing:
    pass


def helper(x: float) -> float:
    return math.sqrt(x) + WEIGHTS.sum()


def computes(x: int) -> Any:
    time.sleep(0)
    return Counter([helper(x), TABLE["a"][0], random.random()]), json.dumps([x]), np.arange(x) + 1


def calls_itself(n: int) -> int:
    return n if n < 2 else calls_itself(n - 1) + calls_itself(n - 2)


def imports_inside(x: float) -> float:
    import math as m

    return m.floor(x)


def prints(x: int) -> None:
    print(x)


def opens(path: str) -> str:
    with open(path) as file:
        return file.read()


def lists(path: str) -> Any:
    return os.listdir(path)


def reaches_through_a_helper(path: str) -> str:
    return opens(path)


def hidden(path: str) -> Any:
    return HIDDEN["open"](path)


def talks() -> Any:
    return SOCKET()


def reads_a_path() -> Any:
    return PATH.read_text()


def imports_outside() -> Any:
    import subprocess

    return subprocess


def of_a_class() -> Any:
    return Thing()


def maps_a_file(path: str) -> Any:
    return np.memmap(path)


def evaluates(text: str) -> Any:
    return eval(text)


def by_default(path: str, how: Any = open) -> Any:
    return how(path)


def closed_over(what: Any) -> Callable[[], Any]:
    def inner() -> Any:
        return what

    return inner


@pytest.mark.parametrize("function", [computes, calls_itself, imports_inside, prints, closed_over([1, {2: "x"}])])
def test_functions_that_only_compute(function: Any) -> None:
    assert only_computes(function)


@pytest.mark.parametrize(
    "function",
    [
        opens, lists, reaches_through_a_helper, hidden, talks, reads_a_path, imports_outside, of_a_class, maps_a_file,
        evaluates, by_default, closed_over(Thing()), closed_over(open), closed_over(np.array([Thing()])), len, Thing,
    ],
)  # fmt: skip
def test_functions_that_may_do_more(function: Any) -> None:
    assert not only_computes(function)
