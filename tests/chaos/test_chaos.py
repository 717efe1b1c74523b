"""The short form of `make chaos`: a node is lost while rewritten programs run, and they print what plain Ray prints."""

from __future__ import annotations

import pytest

from tests.chaos.chaos import PROGRAMS, differences

SHORT = ("tests/chaos/programs/steady.py", "corpus/lcs/plain.py")


@pytest.mark.cluster
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_programs_run_the_same_while_nodes_are_lost() -> None:
    found = list(differences({name: PROGRAMS[name] for name in SHORT}, 1, 7, (0.5, 2.0)))
    assert found == [""] * len(SHORT)
