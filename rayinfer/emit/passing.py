"""Gets whose values are only passed on, as edits: `ray.get(ref)` becomes `ri.passed(ref, to=[g])`."""

from __future__ import annotations

from collections.abc import Iterator

from rayinfer.build.block import BlockResult
from rayinfer.emit.edits import Edit
from rayinfer.source.module import Source


def pass_on(source: Source, result: BlockResult, alias: str) -> Iterator[Edit]:
    """The edits of a block's gets; they follow those of what is got, which may end at the same place."""
    of_groups = {id(candidate.got) for candidate, _, _ in result.groups if candidate.got is not None}
    for one in result.passed:
        if id(one.get) not in of_groups:
            name = "passed_each" if one.each else "passed"
            yield Edit(*source.offsets(one.get.func), f"{alias}.{name}")
        value = one.get.args[0].value
        _, stop = source.offsets(value)
        for _ in getattr(value, "rpar", ()):
            stop = source.text.index(")", stop) + 1
        yield Edit(stop, stop, f", to=[{', '.join(one.to)}]")
