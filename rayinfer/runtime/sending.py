"""Calls on actors as they go out, with less to do for each than Ray's `.remote` has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rayinfer.runtime import rayprivate_sends
from rayinfer.runtime.calls import real
from rayinfer.runtime.sharing import Shared
from rayinfer.runtime.signatures import fits


def send(handle: Any, method: str, shared: Shared | None, /, *args: Any, **kwargs: Any) -> Any:
    """What `handle.<method>.remote(*args, **kwargs)` gives; `shared` is of the calls that may take the same values.

    With `shared`, members may stand inside of lists, tuples and dicts, if there is a way (`rayprivate_sends.way`).
    Raises what the plain `.remote` raises.
    """
    return send_by(rayprivate_sends.way(handle, method), handle, method, shared, args, kwargs)


def send_by(
    way: Any, handle: Any, method: str, shared: Shared | None, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> Any:
    """The same by the way that was found for it, if there is one."""
    if way is None or not fits(way._signature, args, kwargs):
        return getattr(handle, method).remote(*args, **kwargs)
    if shared is None:
        return rayprivate_sends.send(handle, way, args, kwargs)
    try:
        given = [shared.stand_in(arg) for arg in args]
        named = {key: shared.stand_in(arg) for key, arg in kwargs.items()} if kwargs else kwargs
    except Exception:
        # A member inside of it, or what cannot be pickled: then Ray is to raise.
        from rayinfer.runtime import regions

        region = regions.current()
        given = [real(arg, region) for arg in args]
        named = {key: real(arg, region) for key, arg in kwargs.items()}
        return getattr(handle, method).remote(*given, **named)
    return rayprivate_sends.send(handle, way, given, named)
