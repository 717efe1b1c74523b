"""Code that the compiler does not see runs in the middle of a region: it finds submitted what comes before it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import ray
from ray import cancel, get_actor, kill, wait

import rayinfer.inferred as ri
from rayinfer.runtime import group, regions

pytestmark = pytest.mark.usefixtures("cluster")


@ray.remote
class Log:
    def __init__(self) -> None:
        self.entries: list[Any] = []

    def add(self, entry: Any) -> int:
        self.entries.append(entry)
        return len(self.entries)

    def get(self) -> list[Any]:
        return self.entries


@ray.remote
def echo(x: Any) -> Any:
    return x


class Unseen:
    """A class of another module, with a property that calls an actor."""

    def __init__(self, actor: Any) -> None:
        self.actor = actor

    @property
    def size(self) -> int:
        self.actor.add.remote("size")
        return 1

    @property
    def count(self) -> int:
        return int(ray.get(self.actor.add.remote("count")))

    @property
    def used(self) -> list[Any]:
        """Calls each function of Ray's API, as a module that imported them by name before rayinfer was."""
        ref = self.actor.get.remote()
        pending = ri.Map(echo, None, (ri.call("pending") for _ in range(1)))
        found = []
        for use in (lambda: wait([ref]), lambda: cancel(ref), lambda: get_actor("unseen"), lambda: kill(self.actor)):
            pending.append(ri.call("pending"))
            assert regions.current().runs
            use()
            found.append(not regions.current().runs)
        return found

    @property
    def missing(self) -> int:
        raise AttributeError("missing")

    def between(self) -> Iterator[int]:
        for i in range(2):
            self.actor.add.remote(("before", i))
            yield i
            self.actor.add.remote(("after", i))


@pytest.fixture
def actor() -> Any:
    return Log.remote()


def test_a_property_that_calls_an_actor_comes_after_what_is_pending(actor: Any) -> None:
    ri.Map(echo, None, (ri.call("task") for _ in range(1)))
    ri.MapActors("add", [actor], (ri.call("first") for _ in range(1)))
    assert Unseen(actor).size == 1
    ri.Map(echo, None, (ri.call("task") for _ in range(1)))
    ri.MapActors("add", [actor], (ri.call("second") for _ in range(1)))
    assert regions.current().runs
    ri.evaluate()
    assert ray.get(actor.get.remote()) == ["first", "size", "second"]


def test_a_property_that_gets_does_not_wait_for_what_is_pending(actor: Any) -> None:
    ri.Map(echo, None, (ri.call("task") for _ in range(1)))
    ri.MapActors("add", [actor], (ri.call("first") for _ in range(1)))
    assert regions.current().runs
    assert Unseen(actor).count == 2
    assert not regions.current().runs
    ri.evaluate()


def test_every_use_of_ray_finds_submitted_what_is_pending() -> None:
    named = Log.options(name="unseen").remote()
    assert Unseen(named).used == [True] * 4
    ri.evaluate()


def test_what_an_exception_left_behind_is_submitted_before_the_next_call(actor: Any) -> None:
    def work() -> None:
        ri.MapActors("add", [actor], (ri.call("first") for _ in range(1)))
        ri.MapActors("add", [actor], (ri.call(x) for x in [Unseen(actor).missing]))
        ri.evaluate()

    with pytest.raises(AttributeError, match="missing"):
        work()
    actor.add.remote("after")
    assert ray.get(actor.get.remote()) == ["first", "after"]


def test_a_call_comes_after_what_another_thread_is_submitting(actor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, begun = group.submit, threading.Event()

    def slow(batch: regions.Batch) -> None:
        begun.set()
        time.sleep(0.5)
        plain(batch)

    monkeypatch.setattr(group, "submit", slow)
    ri.MapActors("add", [actor], (ri.call("first") for _ in range(1)))
    region = regions.current()
    watcher = threading.Thread(target=region.flush)
    watcher.start()
    begun.wait(10)
    actor.add.remote("second")
    watcher.join()
    assert ray.get(actor.get.remote()) == ["first", "second"]
    ri.evaluate()


def test_members_over_a_generator_are_submitted_as_it_yields(actor: Any) -> None:
    ri.MapActors("add", [actor], (ri.call("first") for _ in range(1)))
    refs = ri.evaluate(ri.Map(echo, None, (ri.call(actor.add.remote(("member", i))) for i in Unseen(actor).between())))
    assert ray.get(refs) == [3, 6]
    expected = ["first", ("before", 0), ("member", 0), ("after", 0), ("before", 1), ("member", 1), ("after", 1)]
    assert ray.get(actor.get.remote()) == expected


def test_a_loop_over_a_generator_is_taken_as_it_comes(actor: Any) -> None:
    grown = ri.MapActors("add")
    for i in ri.each(Unseen(actor).between()):
        grown.append(ri.call(("member", i)), actor=actor)
    refs = ri.evaluate(grown)
    assert ray.get(refs) == [2, 5]
    assert regions.current().yielding == 0
    expected = [("before", 0), ("member", 0), ("after", 0), ("before", 1), ("member", 1), ("after", 1)]
    assert ray.get(actor.get.remote()) == expected


def test_actors_that_a_generator_makes_are_called_as_they_come() -> None:
    made: list[Any] = []

    def actors() -> Iterator[Any]:
        for _ in range(3):
            if made:
                made[-1].add.remote("left")
            made.append(Log.remote())
            yield made[-1]

    refs = ri.evaluate(ri.MapActors("get", actors()))
    assert ray.get(refs) == [[], [], []]
    assert ray.get([one.get.remote() for one in made]) == [["left"], ["left"], []]


def test_containers_and_progress_bars_are_deferred() -> None:
    for items in ([1, 2], zip([1, 2], range(2), strict=True), enumerate({1: 2}.items()), range(2), iter((1, 2))):
        node = ri.Map(echo, None, (ri.call(x) for x in items))
        assert node.calls and not node.direct
    ri.evaluate()


class Ending:
    def __getitem__(self, index: int) -> int:
        if index > 0:
            raise StopIteration(index)
        return index


def test_stop_iteration_in_a_comprehension_stays_what_it_is() -> None:
    with pytest.raises(StopIteration) as stopped:
        ri.Map(echo, None, (ri.call(Ending()[i]) for i in range(3)))
    assert stopped.value.value == 1
    ri.evaluate()

    def broken() -> Iterator[int]:
        yield Ending()[1]

    with pytest.raises(RuntimeError, match="generator raised StopIteration"):
        ri.Map(echo, None, (ri.call(x) for x in broken()))
    ri.evaluate()
