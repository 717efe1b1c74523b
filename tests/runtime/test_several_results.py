"""Groups whose tasks have several results each, carried or fused: every ref is what plain Ray's own would be."""

from __future__ import annotations

import os
import re
import threading
import time
from typing import Any

import numpy as np
import pytest
import ray

import rayinfer.inferred as ri
from rayinfer.runtime import bundles, carriers, cluster
from rayinfer.runtime.task_nodes import Map
from rayinfer.runtime.tasks import info

pytestmark = [pytest.mark.usefixtures("cluster"), pytest.mark.timeout(240)]
MANY = 60
TOOLS: dict[str, Any] = {"end": os._exit, "lock": threading.Lock}


@ray.remote(num_returns=3)
def three(x, *, factor=1):
    return x, np.full(3, x * factor), [x]


@ray.remote(num_returns=2)
def as_many(x, count):
    return range(x, x + count)


@ray.remote(num_returns=2)
def one_value(x):
    return x


@ray.remote(num_returns=2)
def in_text(x):
    return f"{x}"


def _items(x, count, bad):
    held = np.zeros(3)
    for i in range(count):
        if i == bad:
            raise KeyError(x)
        held[0] = i
        yield held


@ray.remote(num_returns=3)
def yielded(x, count, bad=-1):
    return _items(x, count, bad)


@ray.remote(num_returns=3)
def unpicklable(x):
    return x, TOOLS["lock"](), x


@ray.remote(num_returns=2, max_retries=1)
def ends(x, at):
    if x == at:
        TOOLS["end"](1)
    return x, -x


@ray.remote
def numbered(x):
    if x == 2:
        raise ValueError(f"bad {x}")
    return [x, 10 * x]


@ray.remote
def halves(pair):
    pair.append(7)
    return pair[:1], pair[1:]


@ray.remote
def whole(refs):
    return [type(ref) is ray.ObjectRef for ref in refs]


@pytest.fixture(autouse=True)
def fresh():
    """Nothing is known yet of how long tasks take."""
    bundles._chains.clear()


def carried(task, calls) -> list[list[Any]]:
    """The refs of a group whose members are known to be short: a list for each member."""
    node = ri.Map(task, None, calls)
    chain = bundles.chain_of([node], [info(task)])
    chain.pace.note(1e-3, 10)
    chain.carried = True
    rows = ri.evaluate(node)
    assert all(type(row) is list and all(type(ref) is ray.ObjectRef for ref in row) for row in rows)
    refs = [ref for row in rows for ref in row]
    assert len(set(refs)) == len(refs)
    assert len({ref.task_id() for ref in refs}) < len(rows) / 2
    return rows


def outcome(ref) -> Any:
    """The value behind a ref, or the type and text of its error, but for the process it came from."""
    try:
        value = ray.get(ref)
    except ray.exceptions.RayError as error:
        lines = re.sub(r"pid=\d+", "pid", str(error)).splitlines()
        return type(error).__name__, lines[0], lines[-1]
    if isinstance(value, np.ndarray):
        return value.tolist(), value.flags.writeable
    return value


def outcomes(rows) -> list[list[Any]]:
    return [[outcome(ref) for ref in row] for row in rows]


@pytest.mark.parametrize(
    ("task", "args"),
    [
        (three, ()),
        (as_many, (2,)),
        (as_many, (1,)),
        (as_many, (3,)),
        (as_many, (0,)),
        (one_value, ()),
        (in_text, ()),
        (yielded, (3,)),
        (yielded, (2,)),
        (yielded, (5,)),
        (yielded, (5, 1)),
        (yielded, (5, 3)),
        (unpicklable, ()),
    ],
)
def test_each_ref_is_what_plain_ray_gives(task, args) -> None:
    plain = [task.remote(i, *args) for i in range(8, 12)]
    rows = carried(task, (ri.call(i, *args) for i in range(MANY)))
    assert outcomes(rows[8:12]) == outcomes(plain)


def test_options_at_the_call_and_keywords_count() -> None:
    two = as_many.options(num_returns=4, max_retries=5)
    rows = carried(two, (ri.call(i, count=4) for i in range(MANY)))
    assert [[ray.get(ref) for ref in row] for row in rows] == [[i, i + 1, i + 2, i + 3] for i in range(MANY)]
    assert carriers.info(two).returns == 4
    assert bundles.chain_of([ri.Map(two)], [info(two)]).retries == 5
    ri.evaluate()


def test_a_member_that_ends_its_process_fails_alone() -> None:
    rows = carried(ends, (ri.call(i, 5) for i in range(MANY)))
    for ref in rows[5]:
        with pytest.raises(ray.exceptions.WorkerCrashedError):
            ray.get(ref)
    rest = [row for i, row in enumerate(rows) if i != 5]
    assert ray.get([ref for row in rest for ref in row]) == [s * i for i in range(MANY) if i != 5 for s in (1, -1)]


def test_a_shuffle_is_carried_and_its_columns_are_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carriers, "_cancels", lambda: False)

    @ray.remote(num_returns=4)
    def split(x):
        return [x * 4 + i for i in range(4)]

    @ray.remote
    def total(*parts):
        return sum(parts)

    for _ in range(3):
        maps = ri.Map(split, None, (ri.call(i) for i in range(MANY)))
        totals = ri.Map(total, None, (ri.call(*[m[j] for m in ri.each(maps)]) for j in range(4)))
        assert ray.get(ri.evaluate(totals)) == [sum(x * 4 + j for x in range(MANY)) for j in range(4)]
        deadline = time.monotonic() + 60
        chain = bundles.chain_of([ri.Map(split)], [info(split)])
        ri.evaluate()
        while chain.pace.mean is None and time.monotonic() < deadline:
            time.sleep(0.1)
        assert chain.pace.mean


def test_what_would_have_too_many_results_or_waits_goes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carriers, "_cancels", lambda: False)

    def chain_of(task, *args):
        node = ri.Map(task, None, (ri.call(i, *args) for i in range(MANY)))
        return carriers.chain_to_carry([node], node.size, cluster.view())

    assert chain_of(three) is not None
    assert chain_of(as_many.options(num_returns=carriers.MOST_RESULTS), 250) is None
    assert chain_of(ends.options(max_retries=0, num_returns=3), -1) is None
    assert chain_of(three.options(num_returns=1)) is None, "options that are not looked at"
    ri.evaluate()


def fused(last, calls_of) -> tuple[Map, list[Any]]:
    first = ri.Map(numbered, None, (ri.call(i) for i in range(5)))
    node = ri.Map(last, None, calls_of(first))
    return first, ri.evaluate(node)


def test_the_last_of_a_chain_may_have_several_results() -> None:
    two = halves.options(num_returns=2)
    first, rows = fused(two, lambda first: (ri.call(m) for m in ri.each(first)))
    assert first.refs == [], "its results are not seen"
    plain = [two.remote(numbered.remote(i)) for i in range(5)]
    for i, (row, expected) in enumerate(zip(rows, plain, strict=True)):
        if i != 2:
            assert ray.get(row) == ray.get(expected)
            continue
        for ref in (*row, *expected):
            with pytest.raises(ValueError, match="bad 2"):
                ray.get(ref)


def test_nothing_takes_a_list_of_refs_for_one_result() -> None:
    pairs = ri.Map(halves.options(num_returns=2), None, (ri.call([i, i]) for i in range(4)))
    assert ray.get(ri.evaluate(ri.Map(whole, None, (ri.call(pair) for pair in ri.each(pairs))))) == [[True, True]] * 4
