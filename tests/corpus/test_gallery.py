"""docs/gallery.md is what the generator makes of the corpus now; `make gallery` writes it anew."""

from __future__ import annotations

import pytest

from benchmarks import gallery


def test_the_page_is_up_to_date() -> None:
    assert gallery.PAGE.read_text() == gallery.page(gallery.programs(), gallery.read_times()), "run `make gallery`"


def test_the_page_shows_what_is_inferred_and_drawn() -> None:
    for program in gallery.programs():
        section = gallery.page([program], {})
        assert f"## {program.title}\n" in section
        assert f"| {program.inferred} of {len(program.compiled.groups)} | - | - | - |" in section
        assert ("```mermaid\nflowchart TD\n" in section) == bool(program.compiled.graphs)
        assert ("```diff\n" in section) == program.compiled.changed
        for remark in program.compiled.remarks:
            assert remark.message in section


@pytest.mark.parametrize("plain", [1.0, 3.0])
def test_the_page_shows_times_as_they_were_measured(plain: float) -> None:
    program = next(one for one in gallery.programs() if one.name == "counters")
    about = dict.fromkeys(("rounds", "nodes", "cpus_per_node", "cores", "load", "date", "python", "ray"), 2)
    timed = {"arguments": "--counters 4", "plain": plain, "rewritten": 2.0, "all": {}}
    section = gallery.page([program], {"environment": about, "programs": {"counters": timed}})
    assert f"| {plain:.2f} s | 2.00 s | {plain / 2:.2f} |" in section
    assert f"Plain {plain:.2f} s, rewritten 2.00 s with `--counters 4`: {plain / 2:.2f} times as fast." in section
