"""Bundles that are measured, on no cluster: what Ray would store of them, and that mistakes take what Ray lets them."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

import pytest
from ray import cloudpickle

from rayinfer.runtime import worker


class Long:
    """Says that it is shorter than it is."""

    def __len__(self) -> int:
        return 2

    def __iter__(self) -> Iterator[int]:
        return iter(range(5))


class Short:
    """Says that it is longer than it is."""

    def __len__(self) -> int:
        return 3

    def __iter__(self) -> Iterator[int]:
        return iter(range(2))


def yielding(count: int, bad: int = -1) -> Iterator[int]:
    for i in range(count):
        if i == bad:
            raise KeyError(i)
        yield i


def stored(function: Any, returns: int, *args: Any) -> list[Any]:
    """What is stored of the results of a measured bundle of one call, an error being that of all that had none yet."""
    steps = [(cloudpickle.dumps(function), [(worker.VALUE, i) for i in range(len(args))], ())]
    results: list[Any] = []
    try:
        for value in worker.run_timed(returns, pickle.dumps(steps), pickle.dumps(list(args))):
            assert len(results) <= returns
            results.append(value)
    except Exception as error:
        results += [(type(error), str(error))] * (returns + 1 - len(results))
    assert len(results) == returns + 1
    return results


@pytest.mark.parametrize(
    ("function", "args", "given", "error"),
    [
        (range, (3,), [0, 1, 2], None),
        (str, ("abc",), ["a", "b", "c"], None),
        (list, ("ab",), [], (ValueError, "Task returned 2 objects, but num_returns=3.")),
        (list, ("abcd",), [], (ValueError, "Task returned 4 objects, but num_returns=3.")),
        (int, ("7",), [], (TypeError, "object of type 'int' has no len()")),
        (Short, (), [0, 1], (ValueError, "Task returned 2 objects, but num_returns=3.")),
        (yielding, (3,), [0, 1, 2], None),
        (yielding, (2,), [0, 1], (ValueError, "Task returned 2 objects, but num_returns=3.")),
        (yielding, (0,), [], (ValueError, "Task returned 0 objects, but num_returns=3.")),
        (yielding, (5,), [0, 1, 2], (ValueError, "Task returned more than num_returns=3 objects.")),
        (yielding, (5, 0), [], (KeyError, "0")),
        (yielding, (5, 2), [0, 1], (KeyError, "2")),
        (yielding, (5, 3), [0, 1, 2], (KeyError, "3")),
    ],
)
def test_several_results_are_given_one_by_one(function: Any, args: Any, given: list[Any], error: Any) -> None:
    *results, seconds = stored(function, 3, *args)
    assert results == given + [error] * (3 - len(given))
    assert seconds == error if error else 0 <= min(seconds) <= max(seconds) < 10


def test_what_is_longer_than_it_says_gives_as_many_as_are_asked_for() -> None:
    *results, seconds = stored(Long, 2)
    assert results == [0, 1]
    assert seconds == (ValueError, "Task returned more than num_returns=2 objects.")


def test_a_generator_runs_no_further_than_it_is_asked_to() -> None:
    made = worker.timed_values(yielding(5, 4), 2, worker.clocks())
    assert (next(made), next(made)) == (0, 1)
    with pytest.raises(ValueError, match="more than num_returns=2"):
        next(made)
    with pytest.raises(StopIteration):
        next(made)


def test_one_result_is_given_with_its_seconds() -> None:
    for function, value in ((list, []), (yielding, 0)):
        args = (1,) if function is yielding else ()
        result, seconds = stored(function, 1, *args)
        assert result == value and 0 <= min(seconds) <= max(seconds) < 10
