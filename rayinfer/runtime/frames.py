"""Tracebacks as the user's program has them: without the frames of rayinfer."""

from __future__ import annotations

import os
import types
from itertools import zip_longest
from pathlib import Path

OUR_FOLDERS = tuple(str(Path(__file__).resolve().parents[2] / name) + os.sep for name in ("rayinfer", "rayinfer_cli"))


def hide_our_frames(error: BaseException | None) -> None:
    """Take the frames of rayinfer out of the traceback of `error`, and of what caused it; in place."""
    seen: set[int] = set()
    pending = [error]
    while pending:
        one = pending.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        kept = [step for step in _steps(one.__traceback__) if not is_ours(step.tb_frame.f_code)]
        for step, following in zip_longest(kept, kept[1:]):
            step.tb_next = following
        one.__traceback__ = kept[0] if kept else None
        pending += [one.__cause__, one.__context__]


def is_ours(code: types.CodeType) -> bool:
    """Whether `code` belongs to rayinfer."""
    return code.co_filename.startswith(OUR_FOLDERS)


def _steps(step: types.TracebackType | None) -> list[types.TracebackType]:
    steps = []
    while step is not None:
        steps.append(step)
        step = step.tb_next
    return steps
