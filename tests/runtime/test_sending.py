"""Calls on actors that go out at once give what `.remote` gives, and what they take is as of their own moment."""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import Any

import numpy as np
import pytest
import ray

import rayinfer.inferred as ri
from rayinfer.runtime import rayprivate_sends, sending
from rayinfer.runtime.sharing import Shared

pytestmark = pytest.mark.usefixtures("cluster")
LARGE = 50_000  # float64 values, above what Ray sends inside a call


def twice(method):
    """A decorator of the call, as `ray.method` hands it to Ray."""

    def decorate(invocation):
        def invoke(args, kwargs):
            return invocation([2 * arg for arg in args], kwargs)

        return invoke

    method.__ray_invocation_decorator__ = decorate
    return method


@ray.remote(num_cpus=0)
class Keeper:
    def __init__(self) -> None:
        self.taken: list[Any] = []
        self.tries = 0

    def keep(self, value, *more, extra=None):
        self.taken.append(value)
        return value, more, extra

    def first(self, values, _more=0):
        return float(values[0])

    def state(self):
        return self.taken

    def describe(self, value):
        return type(value).__name__, getattr(getattr(value, "flags", None), "writeable", None)

    @ray.method(num_returns=2)
    def both(self, value):
        return value, -value

    @ray.method(max_task_retries=3, retry_exceptions=[OSError])
    def again(self, value):
        self.tries += 1
        if self.tries < 3:
            raise OSError("not yet")
        return value

    @ray.method(max_task_retries=3, retry_exceptions=True)
    def once_more(self, value):
        return self.again(value)

    def stream(self, value):
        yield value

    @twice
    def doubled(self, value):
        return value

    def fail(self, value):
        raise ValueError(value)


@ray.remote(num_cpus=0)
class Waiter:
    async def keep(self, value):
        return value


def outcome(ref: Any) -> Any:
    """What a call gave, with what became of its refs."""
    if isinstance(ref, list):
        return [outcome(one) for one in ref]
    if isinstance(ref, ray.ObjectRefGenerator):
        return [ray.get(one) for one in ref]
    try:
        return ray.get(ref)
    except ray.exceptions.RayError as error:
        return type(error).__name__, str(error.cause)


@pytest.mark.parametrize("method", ["keep", "first", "both", "again", "once_more", "stream", "doubled", "fail"])
def test_every_declaration_of_a_method_means_what_it_does(method: str) -> None:
    plain, sent = Keeper.remote(), Keeper.remote()
    value: Any = np.arange(4) if method == "first" else 7
    wanted = getattr(plain, method).remote(value)
    assert repr(outcome(sending.send(sent, method, Shared(), value))) == repr(outcome(wanted))


@pytest.mark.skipif(not rayprivate_sends.KNOWN, reason="this Ray is left to send calls itself")
def test_which_methods_are_sent_and_which_left_to_ray() -> None:
    names = ["keep", "first", "both", "again", "once_more", "stream", "doubled", "fail", "missing"]
    keeper = Keeper.remote()
    ways = [name for name in names if rayprivate_sends.way(keeper, name) is not None]
    assert ways == ["keep", "first", "once_more", "fail"]


def test_every_shape_of_arguments_arrives() -> None:
    plain, sent = Keeper.remote(), Keeper.remote()
    ref, values = ray.put("stored"), np.arange(3.0)
    for args, kwargs in [
        ((1,), {}),
        ((values,), {}),
        (("a", 2, b"c", None), {"extra": {"k": [1]}}),
        ((ref,), {"extra": ref}),
        (([1, 2], (3, values)), {}),
        ((), {"value": {1, 2}}),
    ]:
        shared = Shared()
        wanted = repr(ray.get(plain.keep.remote(*args, **kwargs)))
        for _ in range(2):
            assert repr(ray.get(sending.send(sent, "keep", shared, *args, **kwargs))) == wanted
    assert ray.get(ray.get(sending.send(sent, "keep", Shared(), [ref]))[0][0]) == "stored"
    assert ray.get(sending.send(sent, "describe", Shared(), values)) == ("ndarray", False)
    assert ray.get(sending.send(sent, "describe", Shared(), plain)) == ("ActorHandle", None)
    assert ray.get(sending.send(Waiter.remote(), "keep", Shared(), values)).tolist() == [0, 1, 2]


def test_what_ray_refuses_is_refused_where_it_stands() -> None:
    keeper = Keeper.remote()
    for args, kwargs in [((), {}), ((1, 2, 3), {}), ((1,), {"typo": 2})]:
        with pytest.raises(TypeError):
            ri.MapActors("first", None, (ri.of(keeper, "first")(*args, **kwargs) for _ in range(1)))
    with pytest.raises(TypeError, match=r"(?i)serializ|pickle"):
        ri.MapActors("keep", None, (ri.of(keeper, "keep")(x) for x in [1, threading.Lock(), 2]))
    ri.evaluate()
    assert ray.get(keeper.state.remote()) == [1]


def test_calls_go_out_at_once_unless_something_is_pending() -> None:
    keepers = [Keeper.remote() for _ in range(2)]
    calls = ri.MapActors("keep", None, (ri.of(keeper, "keep")([1]) for keeper in keepers))
    assert len(calls.refs) == 2 and not calls.calls
    pending = ri.InitActors(Keeper, 1, (ri.call() for _ in range(1)))
    later = ri.MapActors("keep", None, (ri.of(keeper, "keep")([2]) for keeper in keepers))
    assert not later.refs and len(later.calls) == 2
    first, second = ri.evaluate(calls, later, keep=[pending])
    assert [ray.get(keeper.state.remote()) for keeper in keepers] == [[[1], [2]]] * 2
    assert [ray.get(one)[0] for one in (*first, *second)] == [[1], [1], [2], [2]]


def test_calls_on_actors_of_a_group_go_out_at_once_when_these_are_there() -> None:
    keepers = ri.InitActors(Keeper, 2, (ri.call() for _ in range(2)))
    held = ri.MapActors("keep", keepers, (ri.call(1) for _ in ri.each(keepers)))
    assert not keepers.refs and len(held.calls) == 2
    ri.evaluate(keep=[keepers])
    calls = ri.MapActors("keep", keepers, (ri.call(2) for _ in ri.each(keepers)))
    more = ri.MapActors("keep", None, (ri.of(keeper, "keep")(3) for keeper in ri.each(keepers)))
    bare = ri.MapActors("state", keepers)
    assert [len(one.refs) for one in (calls, more, bare)] == [2, 2, 2]
    assert ray.get(ri.evaluate(bare, keep=[keepers])) == [[1, 2, 3]] * 2
    with pytest.raises(AttributeError, match="typo"):
        ri.MapActors("typo", keepers, (ri.call(2) for _ in ri.each(keepers)))
    ri.evaluate()


def test_members_inside_of_arguments_are_real() -> None:
    keepers = [Keeper.remote() for _ in range(2)]
    given = ri.MapActors("keep", None, (ri.of(keeper, "keep")(i) for i, keeper in enumerate(keepers)))
    nested = ri.MapActors("keep", None, (ri.of(keeper, "keep")([one]) for keeper, one in zip(keepers, ri.each(given))))  # noqa: B905
    found = ray.get(ri.evaluate(nested))
    assert [ray.get(value[0])[0] for value, _, _ in found] == [0, 1]


def test_refs_that_nobody_uses_end_with_the_region() -> None:
    keeper = Keeper.remote()
    calls = ri.MapActors("keep", None)
    for i in range(3):
        calls.drop(ri.of(keeper, "keep")(i))
    ri.evaluate()
    assert not calls.refs
    with pytest.raises(RuntimeError, match="given up"):
        calls.eval()


def test_a_value_changed_between_two_calls_is_seen() -> None:
    keeper = Keeper.remote()
    small, large, grown = np.zeros(4), np.zeros(LARGE), []

    def steps():
        for i in range(3):
            small[0] = large[0] = i
            grown.append(i)
            yield i

    for value in (small, large, grown):
        grown.clear()
        node = ri.MapActors("first", None, (ri.of(keeper, "first")(value, i) for i in steps()))
        assert ray.get(ri.evaluate(node)) == ([0.0] * 3 if value is grown else [0.0, 1.0, 2.0])
    for i in range(3):
        small[0] = i
        node = ri.MapActors("first", None, (ri.of(keeper, "first")(small) for _ in range(2)))
        small[0] = -1
        assert ray.get(ri.evaluate(node)) == [float(i)] * 2


def test_a_dictionary_that_grows_as_it_is_read() -> None:
    keeper, found = Keeper.remote(), defaultdict(int)
    node = ri.MapActors("keep", None, (ri.of(keeper, "keep")(found, found[i]) for i in range(3)))
    assert [len(value) for value, _, _ in ray.get(ri.evaluate(node))] == [1, 2, 3]


def test_a_large_value_is_stored_once_when_several_take_it() -> None:
    shared, own = Shared(), Shared()
    value = np.zeros(LARGE)
    first = shared.stand_in(value)
    assert isinstance(first, ray.ObjectRef) and shared.stand_in(value) is first
    several = [np.zeros(LARGE) for _ in range(3)]
    assert [isinstance(own.stand_in(one), ray.ObjectRef) for one in several] == [True, False, False]
    again = own.stand_in(several[2])
    assert isinstance(again, ray.ObjectRef) and own.stand_in(several[2]) is again
    small = [1, 2]
    assert shared.stand_in(small) is shared.stand_in(small)
    assert shared.stand_in([first]) is not shared.stand_in([first])
