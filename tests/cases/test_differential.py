"""Every case prints the same and ends the same, plain and rewritten."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cases import running
from tests.cases.golden import CASES, CHANGE, compiled
from tests.environment import connected_node


def _id(case: Path) -> str:
    return f"{case.parent.name}: {case.stem}"


@pytest.mark.parametrize("case", CASES, ids=_id)
def test_inline_output_is_that_of_the_plain_program(case: Path) -> None:
    result = compiled(case)
    plain = running.plain_inline(case)
    assert plain[1], "a case must print something"
    if result.changed:
        assert running.rewritten_inline(result, case) == plain
        assert running.rewritten_deferred(result, case) == plain


@pytest.fixture(scope="module")
def one_node() -> Iterator[None]:
    with connected_node():
        yield


@pytest.mark.cluster
@pytest.mark.usefixtures("one_node")
@pytest.mark.timeout(600)
def test_cluster_output_is_that_of_the_plain_program() -> None:
    different = {}
    for case in CHANGE:
        plain, rewritten = running.plain_cluster(case), running.rewritten_cluster(compiled(case), case)
        if plain != rewritten:
            different[case.stem] = plain, rewritten
    assert not different
