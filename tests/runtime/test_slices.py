"""Groups of which only the values are wanted: what `ray.get` of their refs would give, however they are sliced."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import ray

import rayinfer.inferred as ri
from rayinfer.runtime import bundles, regions, slices
from rayinfer.runtime.observer import Observer
from tests.environment import clean_environment

pytestmark = pytest.mark.usefixtures("cluster")
MANY = 300


@ray.remote
def square(x, *, offset=0):
    return x * x + offset


@ray.remote
def grown(values, more=None):
    values.append(1)
    return values if more is None else (values, more)


@ray.remote
def plus_one(array, other):
    return array.flags.writeable, other.flags.writeable, array + 1


@ray.remote
def fail_on(x, bad):
    if x in bad:
        raise ValueError(f"bad {x}")
    return x


@ray.remote
def number(n):
    return [n]


@ray.remote
def slow_at(x, at, seconds):
    if x == at:
        time.sleep(seconds)
    return os.getpid()


@ray.remote
def meet(x, path):
    """The first two members wait for each other: opening a FIFO returns when both of its ends are opened."""
    if x == 0:
        with open(path) as end:
            return end.read()
    if x == 1:
        with open(path, "w") as end:
            end.write("met")
    return x


def sliced(node) -> bool:
    return slices.job_of(node) is not None


def files_in(folder: Path, count: int) -> int:
    """How many files a folder has, once there are `count` of them, or after a minute."""
    deadline = time.monotonic() + 60
    while len(list(folder.iterdir())) < count and time.monotonic() < deadline:
        time.sleep(0.1)
    return len(list(folder.iterdir()))


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """Nothing is known yet of how long tasks take; on a slow machine, too, no region counts as abandoned."""
    bundles._chains.clear()
    monkeypatch.setattr(regions.Region, "is_late", lambda _region, _now: False)


def test_values_come_in_member_order() -> None:
    for _ in range(3):
        node = ri.Map(square, None, (ri.call(i, offset=1) for i in range(MANY)))
        assert sliced(node)
        assert ri.get(node) == [i * i + 1 for i in range(MANY)]
    chain = slices.job_of(ri.Map(square, None, (ri.call(i, offset=1) for i in range(MANY)))).chain
    ri.evaluate()
    assert chain.pace.mean, "later rounds know how long a member takes"


def test_few_members_and_refs_of_their_own_go_as_plain_tasks() -> None:
    assert ri.get(ri.Map(square, None, (ri.call(i) for i in range(3)))) == [0, 1, 4]
    assert ri.get(ri.Map(square, None, ())) == []
    refs = [number.remote(i) for i in range(MANY)]
    node = ri.Map(grown, None, (ri.call(ref) for ref in refs))
    assert not sliced(node)
    assert ri.get(node) == [[i, 1] for i in range(MANY)]


def test_every_member_has_its_own_copy_of_what_can_be_changed() -> None:
    shared, stored = [0], number.remote(7)
    node = ri.Map(grown, None, (ri.call(shared, None) for _ in range(MANY)))
    shared.append(5)
    assert sliced(node)
    assert ri.get(node) == [[0, 1]] * MANY
    node = ri.Map(grown, None, (ri.call(stored, i) for i in range(MANY)))
    assert sliced(node)
    found = ri.get(node)
    assert found == [([7, 1], i) for i in range(MANY)]
    assert found[0][0] is not found[1][0]


def test_arrays_are_read_only_as_in_tasks() -> None:
    small, large = np.zeros(10), np.zeros(50_000)
    node = ri.Map(plus_one, None, (ri.call(small, large) for _ in range(MANY)))
    assert sliced(node)
    for one, other, result in ri.get(node):
        assert (one, other) == (False, False)
        assert not result.flags.writeable
        assert result.sum() == 10


KEPT = np.zeros(10)


@ray.remote
def kept_array(x):
    KEPT[0] = x
    return KEPT


def test_results_are_as_of_their_members_end() -> None:
    node = ri.Map(kept_array, None, (ri.call(i) for i in range(MANY)))
    job = slices.job_of(node)
    job.chain.pace.note(1e-4, 1)
    assert [array[0] for array in ri.get(node)] == list(range(MANY))


def test_the_error_of_a_member_is_that_of_its_task(tmp_path: Path) -> None:
    plain = [fail_on.remote(i, [40]) for i in range(60)]
    with pytest.raises(ValueError, match="bad 40") as expected:
        ray.get(plain)
    node = ri.Map(fail_on, None, (ri.call(i, (40,)) for i in range(60)))
    assert sliced(node)
    with pytest.raises(ValueError, match="bad 40") as found:
        ri.get(node)
    assert type(found.value).__name__ == type(expected.value).__name__
    assert isinstance(found.value, ray.exceptions.RayTaskError)
    lines = [str(error.value).splitlines() for error in (expected, found)]
    assert lines[0][-2:] == lines[1][-2:]
    assert "fail_on()" in lines[0][0]
    assert "fail_on()" in lines[1][0]
    assert "worker.py" not in str(found.value)


@ray.remote
def touch(folder, x):
    Path(folder, str(x)).touch()
    if x == 2:
        raise KeyError(x)


def test_members_behind_an_error_run_all_the_same(tmp_path: Path) -> None:
    node = ri.Map(touch, None, (ri.call(str(tmp_path), i) for i in range(MANY)))
    assert sliced(node)
    with pytest.raises(KeyError):
        ri.get(node)
    assert files_in(tmp_path, MANY) == MANY


@ray.remote
def touch_slowly(folder, x):
    Path(folder, str(x)).touch()
    if x == 0:
        raise KeyError(x)
    time.sleep(0.01)


def test_what_a_slice_gives_back_behind_an_error_runs_too(tmp_path: Path) -> None:
    node = ri.Map(touch_slowly, None, (ri.call(str(tmp_path), i) for i in range(MANY)))
    # As if it were known that members are short: slices give most of theirs back, after the error is known.
    slices.job_of(node).chain.pace.note(1e-5, 1)
    with pytest.raises(KeyError):
        ri.get(node)
    assert files_in(tmp_path, MANY) == MANY
    deadline = time.monotonic() + 60
    while slices._unfinished and time.monotonic() < deadline:
        time.sleep(0.1)
    assert slices._unfinished == [], "nothing of it is held any longer"


def test_nobody_waits_behind_a_long_member() -> None:
    ri.get(ri.Map(slow_at, None, (ri.call(i, -1, 0.0) for i in range(MANY))))
    found = ri.get(ri.Map(slow_at, None, (ri.call(i, 3, 2.0) for i in range(MANY))))
    neighbours = [pid for i, pid in enumerate(found) if i > 3]
    assert any(pid != found[3] for pid in neighbours)


def test_members_that_meet_do_meet(tmp_path: Path) -> None:
    path = str(tmp_path / "fifo")
    os.mkfifo(path)
    chain = slices.job_of(ri.Map(meet, None, (ri.call(5, path) for _ in range(MANY)))).chain
    ri.evaluate()
    # As if it were known that members are short: the two that meet come in one slice.
    chain.pace.note(1e-6, 1)
    node = ri.Map(meet, None, (ri.call(i, path) for i in range(MANY)))
    assert ri.get(node) == ["met", *range(1, MANY)]


@ray.remote
def take(x, seconds):
    time.sleep(seconds)
    return x


def largest_slice(seconds: float, members: int) -> int:
    """How many members the largest task had of a group whose members each take so long."""
    node = ri.Map(take, None, (ri.call(i, seconds) for i in range(members)))
    job, sizes = slices.job_of(node), []
    assert regions.current().give_up([node])
    job.ended = lambda _ref, some: sizes.append(1 if isinstance(some, int) else len(some))
    assert slices.gather(job) == list(range(members))
    return max(sizes)


def test_slices_follow_durations_that_drift() -> None:
    largest_slice(0.0, MANY)
    deadline = time.monotonic() + 60
    for seconds, expected in ((0.0, True), (0.05, False), (0.0, True)):
        while (largest_slice(seconds, 60) > 1) != expected:
            assert time.monotonic() < deadline, f"members of {seconds} s are not sliced as they should be"


_PAIRS = """\
import os
import sys
import time

import ray

import rayinfer.inferred as ri
from rayinfer.runtime import slices


@ray.remote
def meet_next(x, folder):
    path = os.path.join(folder, str(x // 2))
    if x % 2 == 0:
        with open(path) as end:
            return end.read()
    with open(path, "w") as end:
        end.write("met")
    return "met"


ray.init("local", num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="error")
# The processes are there.
ray.get([ray.remote(lambda: time.sleep(2)).remote() for _ in range(2)])
for i in range(6):
    os.mkfifo(os.path.join(sys.argv[1], str(i)))
node = ri.Map(meet_next, None, (ri.call(i, sys.argv[1]) for i in range(12)))
slices.job_of(node).chain.pace.note(1e-3, 1)
assert ri.get(node) == ["met"] * 12
"""


@pytest.mark.timeout(300)
def test_pairs_that_meet_do_meet_where_every_cpu_has_one_that_waits(tmp_path: Path) -> None:
    environment = clean_environment(PYTHONPATH=str(Path(__file__).parents[2]))
    command = [sys.executable, "-c", _PAIRS, str(tmp_path)]
    subprocess.run(command, env=environment, timeout=280, check=True)


def test_what_is_pending_before_goes_first() -> None:
    before = ri.Map(square, None, (ri.call(i) for i in range(2)))
    assert ri.get(ri.Map(square, None, (ri.call(i) for i in range(MANY)))) == [i * i for i in range(MANY)]
    with pytest.raises(RuntimeError, match="given up"):
        before.eval()


@pytest.fixture
def jobs(monkeypatch) -> list[slices.Job]:
    """The groups and chains that were gathered in slices."""
    found: list[slices.Job] = []
    gather = slices.gather
    monkeypatch.setattr(slices, "gather", lambda job: gather(found.append(job) or job))
    return found


@ray.remote
def tail(values, extra=()):
    return [*values, len(values), *extra]


@ray.remote
def same(value):
    return value


@ray.remote
def wait_for(path, x):
    deadline = time.monotonic() + 60
    while not os.path.exists(path) and time.monotonic() < deadline:
        time.sleep(0.01)
    return [x]


def chained(calls, *steps):
    """The values of a group of `number` over these calls, after a group per step, whose calls take what it says too."""
    node = ri.Map(number, None, calls)
    for task, more in steps:
        node = ri.Map(task, None, (ri.call(one, *more) for one in ri.each(node)))
    return ri.get(node)


def test_chains_are_gathered_in_slices_too(jobs: list[slices.Job]) -> None:
    for count in range(1, 4):
        found = chained((ri.call(i) for i in range(MANY)), (tail, ()), (tail, ((7,),)))
        assert found == [[i, 1, 2, 7] for i in range(MANY)]
        assert [len(job.calls) for job in jobs] == [MANY] * count
    assert jobs[0].chain.pace.mean, "later rounds know how long a member takes"
    assert not regions.current().runs


def test_a_chain_that_is_watched_is_told_group_by_group(monkeypatch) -> None:
    observer = Observer()
    monkeypatch.setattr(regions, "observer", observer)
    assert len(chained((ri.call(i) for i in range(MANY)), (tail, ()))) == MANY
    told = [(one.name, one.mode, one.members) for one in observer.submissions]
    assert told == [("number", "fused", MANY), ("tail", "slices", MANY)]
    assert sum(sent.count for sent in observer.submissions[1].sent) >= MANY


def test_chains_take_what_all_their_members_share(jobs: list[slices.Job]) -> None:
    stored = ray.put((8, 9))
    assert chained((ri.call(i) for i in range(MANY)), (tail, (stored,))) == [[i, 1, 8, 9] for i in range(MANY)]
    assert len(jobs) == 1
    own = [ray.put((i,)) for i in range(MANY)]
    first = ri.Map(number, None, (ri.call(i) for i in range(MANY)))
    node = ri.Map(tail, None, (ri.call(one, ref) for one, ref in zip(ri.each(first), own, strict=True)))
    assert ri.get(node) == [[i, 1, i] for i in range(MANY)]
    assert len(jobs) == 1, "each takes a ref of its own, which its node may have"


def test_an_array_between_the_steps_of_a_chain_is_read_only() -> None:
    node = ri.Map(kept_array, None, (ri.call(i) for i in range(MANY)))
    other = np.ones(10)
    for writeable, _, array in ri.get(ri.Map(plus_one, None, (ri.call(one, other) for one in ri.each(node)))):
        assert not writeable
        assert not array.flags.writeable


def test_a_chain_whose_middle_others_take_keeps_its_refs(jobs: list[slices.Job]) -> None:
    first = ri.Map(number, None, (ri.call(i) for i in range(MANY)))
    beside = ri.Map(tail, None, (ri.call(one) for one in ri.each(first)))
    last = ri.Map(tail, None, (ri.call(one) for one in ri.each(first)))
    assert ri.get(last) == [[i, 1] for i in range(MANY)]
    assert jobs == []
    assert beside.dropped


def test_a_chain_goes_behind_what_is_pending_before_it(tmp_path: Path, jobs: list[slices.Job]) -> None:
    ri.Map(touch, None, (ri.call(str(tmp_path), i) for i in range(10, 12)))
    assert len(chained((ri.call(i) for i in range(MANY)), (tail, ()))) == MANY
    assert files_in(tmp_path, 2) == 2
    assert len(jobs) == 1


def test_a_chain_whose_later_step_waits_for_a_task_of_another_is_not_sliced(
    tmp_path: Path, jobs: list[slices.Job]
) -> None:
    path = str(tmp_path / "go")
    late = wait_for.remote(path, 5)
    # Not before the group has gone out.
    opens = threading.Timer(2.0, Path(path).touch)
    opens.start()
    assert chained((ri.call(i) for i in range(MANY)), (tail, (late,))) == [[i, 1, 5] for i in range(MANY)]
    assert jobs == []
    opens.join()


def test_the_error_of_a_step_is_that_of_its_chain(tmp_path: Path, jobs: list[slices.Job]) -> None:
    first = ri.Map(touch, None, (ri.call(str(tmp_path), i) for i in range(MANY)))
    node = ri.Map(same, None, (ri.call(one) for one in ri.each(first)))
    with pytest.raises(KeyError) as found:
        ri.get(node)
    assert len(jobs) == 1
    assert "touch+same()" in str(found.value).splitlines()[0]
    assert "KeyError: 2" in str(found.value)
    assert files_in(tmp_path, MANY) == MANY
