"""Members whose arguments take long to compute are submitted meanwhile, as the plain program would."""

from __future__ import annotations

import time

import pytest
import ray

import rayinfer.inferred as ri
from rayinfer.runtime import regions

pytestmark = pytest.mark.usefixtures("cluster")


@ray.remote
def double(x):
    return x * 2


def computed(x, seconds):
    """`x`, after so much processor time of this thread."""
    began = time.thread_time()
    while time.thread_time() - began < seconds:
        pass
    return x


@pytest.mark.parametrize("value", [lambda i: i, lambda i: [i]])
def test_members_that_are_slow_to_make_do_not_wait_for_the_others(value) -> None:
    group = ri.Map(double)
    sent = []
    for i in range(8):
        group.append(ri.call(value(computed(i, 2 * regions.COSTLY_SECONDS))))
        sent.append(len(group.refs))
    # Two go out together twice, and then each one as it is made.
    assert sent[:2] == [0, 2]
    assert sent[4:] == [5, 6, 7, 8]
    assert ray.get(ri.evaluate(group)) == [value(i) * 2 for i in range(8)]


def test_a_group_by_comprehension_goes_out_meanwhile() -> None:
    seen = []

    def made(i):
        seen.append(len(regions.current().runs))
        return computed(i, 2 * regions.COSTLY_SECONDS)

    assert ri.get(ri.Map(double, None, (ri.call(made(i)) for i in range(6)))) == [i * 2 for i in range(6)]
    # Nothing is pending once the group is known to be slow to make.
    assert seen[:2] == [0, 1] and seen[-1] == 0


def test_one_slow_member_of_many_sends_nothing_ahead() -> None:
    group = ri.Map(double)
    for i in range(200):
        group.append(ri.call(computed(i, 2 * regions.COSTLY_SECONDS) if i == 190 else i))
    assert not group.refs and not group.direct
    assert ray.get(ri.evaluate(group)) == [i * 2 for i in range(200)]
