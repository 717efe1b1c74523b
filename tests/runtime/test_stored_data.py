"""What is known of stored objects without loading them: which may come to tasks that need only others."""

from __future__ import annotations

import collections

import numpy as np
import pytest
import ray

from rayinfer.runtime.rayprivate_objects import hold_data

pytestmark = pytest.mark.usefixtures("cluster")


@ray.remote
def fails():
    raise ValueError("no input")


@ray.remote
def gives(value):
    return value


class Own:
    """A class of the program."""

    def __init__(self, value):
        self.value = value


@ray.remote
class Actor:
    def one(self):
        return 1


def test_which_refs_hold_data() -> None:
    Point = collections.namedtuple("Point", "x y")
    data = [1, "x", b"x", None, [1, [2]], {"a": (1, 2)}, np.ones(3), [np.ones(3), slice(1)], {1, 2}, 1 << 80]
    data += [collections.OrderedDict(a=np.float64(1)), collections.defaultdict(list), bytearray(b"x")]
    for value in data:
        assert hold_data([ray.put(value)], 10_000, 1e6), value
    actor = Actor.remote()
    with pytest.raises(ValueError) as caught:
        ray.get(fails.remote())
    error = caught.value
    others = [Own(1), [Own], (Point(1, 2),), len, lambda: 1, [ray.put(1)], actor, {"a": actor}, error]
    for value in others:
        assert not hold_data([ray.put(value)], 100_000, 1e6), value
    assert not hold_data([ray.put(np.ones(1000))], 10_000, 7000)
    assert not hold_data([ray.put((1,) * 1000)], 500, 1e6)
    small, large, failed = gives.remote(1), gives.remote(np.ones(100_000)), fails.remote()
    ray.wait([small, large, failed], num_returns=3)
    assert hold_data([small], 10_000, 1e7)
    # Where the node is lost that holds it, it has to be made once more.
    assert not hold_data([large], 10_000, 1e7)
    assert not hold_data([failed], 10_000, 1e7)
    assert not hold_data([ray.put(1), failed], 10_000, 1e7)
    # Another process owns it.
    (borrowed,) = ray.get(puts.remote())
    assert ray.get(borrowed) == 1
    assert not hold_data([borrowed], 10_000, 1e7)


@ray.remote
def puts():
    return [ray.put(1)]


def test_nothing_of_the_program_runs_to_look_at_objects(tmp_path) -> None:
    flag = tmp_path / "flag"

    class Loud:
        def __reduce__(self):
            return open, (str(flag), "w")

    assert not hold_data([ray.put(Loud())], 10_000, 1e6) or not flag.exists()
    assert not flag.exists()
