"""Calls that Ray refuses when they are submitted: these are not held back, so that they raise where they stand."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import ray

from rayinfer.runtime import rayprivate
from rayinfer.runtime.calls import Call, Member

# Shapes of arguments that are known to fit. The parameters are held as well: others must not get their identity.
_fitting: dict[tuple[Any, ...], list[inspect.Parameter]] = {}
_MOST = 10_000


def fits(parameters: list[inspect.Parameter], args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
    """Whether Ray takes these arguments for a function with these parameters."""
    shape = (id(parameters), len(args), tuple(kwargs))
    if shape not in _fitting:
        try:
            inspect.Signature(parameters).bind(*args, **kwargs)
        except TypeError:
            return False
        if len(_fitting) >= _MOST:
            _fitting.clear()
        _fitting[shape] = parameters
    return True


class Signatures:
    """What one group's calls must fit."""

    __slots__ = ("_actors", "_arity", "_methods", "_parameters", "_task")

    def __init__(self) -> None:
        self._task: Any = None
        self._parameters: list[inspect.Parameter] | None = None
        self._arity = -1
        # The group whose members are called, and the methods that they have.
        self._actors: Any = None
        self._methods: dict[str, list[inspect.Parameter]] | None = None

    def refuse(self, task: Any, call: Call, target: Any) -> bool:
        """Whether Ray raises when this call of `task`, or of the method `task` of `target`, is submitted."""
        if target is None:
            if task is not self._task:
                self._task, self._parameters, self._arity = task, rayprivate.parameters(task), -1
            parameters = self._parameters
            if parameters is None or (len(call.args) == self._arity and not call.kwargs):
                return False
        else:
            methods = self._methods_of(target)
            if methods is None:
                return False
            parameters = methods.get(task)
            if parameters is None:
                return True
        if not fits(parameters, call.args, call.kwargs):
            return True
        if target is None and not call.kwargs:
            self._arity = len(call.args)
        return False

    def _methods_of(self, target: Any) -> dict[str, list[inspect.Parameter]] | None:
        if type(target) is not Member:
            return rayprivate.methods(target) if isinstance(target, ray.actor.ActorHandle) else None
        if target.node is not self._actors:
            self._actors, self._methods = target.node, None
            declared = rayprivate.declared(target.node.task)
            if declared is not None and declared[0] == "InitActors":
                self._methods = rayprivate.methods(declared[1])
        return self._methods
