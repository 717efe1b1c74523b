"""What a member's call goes to, where the compiler could not see it: looked at when it runs, as promise 9 has it."""

from __future__ import annotations

import functools
import logging
import sys
from typing import Any

import ray

from rayinfer.runtime import frames, rayprivate, rayprivate_sends, regions
from rayinfer.runtime.calls import Call, Member, aimed, resolve
from rayinfer.runtime.sending import send
from rayinfer.runtime.sharing import Shared
from rayinfer.runtime.values import ATOMIC

logger = logging.getLogger("rayinfer")
# The codes of what runs as plain Ray: see the registry.
FOREIGN, ONE_ACTOR, SEVERAL, NOT_A_GROUP = "RI401", "RI402", "RI403", "RI404"
SEEN, NOT_A_LIST = "RI405", "RI406"


class Callee:
    """What one member calls; called with the member's arguments it gives the member's call.

    `kind` is the node that such members make, or empty for what is called at once and in order, as the plain program
    does; `why` is then the code of the remark that says so. `task` is a remote function, an actor class, or the name of
    a method of the actor `target`; `base` is `task` without its options. `remote` is the bound `.remote` where it was
    looked up already. Where `count`, the number of each call's results, is more than one, they are a list.
    """

    __slots__ = ("base", "count", "kind", "remote", "target", "task", "why")

    def __init__(
        self,
        kind: str,
        task: Any,
        base: Any = None,
        target: Any = None,
        remote: Any = None,
        why: str = "",
        count: int = 1,
    ) -> None:
        self.kind = kind
        self.task = task
        self.base = base
        self.target = target
        self.remote = remote
        self.why = why
        self.count = count

    def __call__(self, /, *args: Any, **kwargs: Any) -> Call:
        return aimed(args, kwargs, self)


class Several:
    """Stands for the task of a group whose members call different ones."""

    def __init__(self, name: str) -> None:
        self.__name__ = name


# The last remote function or class seen; handles are never kept, since an actor ends with its last handle.
_last: tuple[Any, Callee | None] = (None, None)
_last_options: tuple[Any, dict[str, Any], Callee | None] = (None, {}, None)


def of(task: Any, method: str | None = None, /) -> Callee:
    """What `task.remote`, or `task.<method>.remote`, is; anything that is not Ray's is looked up as it stands.

    Raises what looking it up raises, after everything pending was submitted.
    """
    global _last
    if method is not None:
        if isinstance(task, ray.actor.ActorHandle) and rayprivate.handle_method_gives_one(task, method):
            return Callee("MapActors", method, None, task)
        return _method(task, method, None)
    seen, callee = _last
    if seen is task and callee is not None:
        return callee
    callee = _task(task, None)
    if callee.kind:
        _last = task, callee
    return callee


def options(task: Any, method: str | None = None, /, **options: Any) -> Callee:
    """The same of `task.options(...)`, or of `task.<method>.options(...)`."""
    global _last_options
    if method is not None:
        return _method(task, method, options)
    seen, given, callee = _last_options
    if seen is task and callee is not None and _same(given, options):
        return callee
    callee = _task(task, options)
    if callee.kind and _same(options, options):
        _last_options = task, options, callee
    return callee


def remote_of(task: Any, call: Call, target: Any, shared: Shared | None = None) -> Any:
    """The bound `.remote` that a call goes to; `task` is its group's, `target` the actor of a method.

    With `shared`, which is of the calls that may take the same values, a method's calls go out by `send`.
    """
    callee = call.callee
    if callee is not None:
        if callee.remote is not None:
            return callee.remote
        task, target = callee.task, callee.target
    if target is not None and shared is not None:
        return functools.partial(send, resolve(target), task, shared)
    return (task if target is None else getattr(resolve(target), task)).remote


def tell(code: str, what: str) -> None:
    """Log, once for each place of the user's program, that a group there runs as plain Ray, and why."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frames.is_ours(frame.f_code):
        frame = frame.f_back
    place = frame.f_code.co_filename, frame.f_lineno, code
    if place not in _told:
        # Late: the registry is long, and a short script seldom asks it.
        from rayinfer.ir.remarks import RULES

        _told.add(place)
        # What is not Ray's may be a mistake; the rest is as good as a group, only not faster than plain Ray.
        level = logging.WARNING if code == FOREIGN else logging.INFO
        logger.log(level, "%s:%d: %s %s (%s)", *place, RULES[code].title, what)


_told: set[tuple[str, int, str]] = set()


def name_of(task: Any) -> str:
    """A short name of a task, an actor class or a method; the same with options."""
    if isinstance(task, str):
        return task
    base = rayprivate.without_options(task)
    task = task if base is None else base
    function = getattr(task, "_function", None)
    meta = getattr(task, "__ray_metadata__", None)
    name = getattr(function, "__name__", None) or getattr(meta, "class_name", None) or getattr(task, "__name__", None)
    return str(name or type(task).__name__).rpartition(".")[2]


def _same(given: dict[str, Any], wanted: dict[str, Any]) -> bool:
    for key, value in wanted.items():
        kind = type(value)
        if kind not in ATOMIC or kind is not type(given.get(key)):
            return False
    return given == wanted


def _task(task: Any, given: dict[str, Any] | None) -> Callee:
    if rayprivate.is_actor_method(task):
        # Asked first: it is another object at every call, and each of them pays for what is asked.
        if given is None and type(task) is ray.actor.ActorMethod and not regions.is_direct():
            regions.current().flush()
            return Callee("", task, remote=functools.partial(send, *rayprivate_sends.bound(task), None), why=ONE_ACTOR)
        return _at_once(task, None, given, ONE_ACTOR)
    declared = rayprivate.declared(task)
    if declared is None:
        return _at_once(task, None, given, NOT_A_GROUP if rayprivate.is_of_ray(task) else FOREIGN)
    kind, base, settings = declared
    if kind == "InitActors" and settings.get("name") is not None:
        # Others may look the actor up by its name as soon as it is made.
        return _at_once(task, None, given, NOT_A_GROUP)
    asked = settings if given is None or "num_returns" not in given else given
    count = 1 if kind == "InitActors" or asked.get("num_returns") is None else asked["num_returns"]
    if kind == "Map" and (type(count) is not int or count < 1 or rayprivate.is_generator(base)):
        return _at_once(task, None, given, SEVERAL)
    if given is not None:
        try:
            task = task.options(**given)
        except BaseException:
            regions.current().flush()
            raise
    return Callee(kind, task, base, count=count)


def _method(receiver: Any, name: str, given: dict[str, Any] | None) -> Callee:
    target, why = receiver, FOREIGN
    if type(receiver) is Member:
        declared = rayprivate.declared(receiver.node.task) if receiver.node.kind == "InitActors" else None
        if given is None and declared is not None and rayprivate.class_method_gives_one(declared[1], name):
            return Callee("MapActors", name, target=target)
        regions.evaluate_argument(receiver)
        receiver = resolve(receiver)
    if isinstance(receiver, ray.actor.ActorHandle):
        why = SEVERAL
        if rayprivate.handle_method_gives_one(receiver, name):
            if given is None:
                return Callee("MapActors", name, target=target)
            if given.get("num_returns") in (None, 1):
                return Callee("MapActors", name, target=target, remote=_lookup(receiver, name, given))
    found = _at_once(receiver, name, given, why)
    found.target = target
    return found


def _at_once(task: Any, method: str | None, given: dict[str, Any] | None, why: str) -> Callee:
    regions.current().flush()
    return Callee("", task if method is None else method, remote=_lookup(task, method, given), why=why)


def _lookup(task: Any, method: str | None, given: dict[str, Any] | None) -> Any:
    """The bound `.remote`, each part looked up in the plain program's order."""
    try:
        found = task if method is None else getattr(task, method)
        if given is not None:
            found = found.options(**given)
        return found.remote
    except BaseException:
        regions.current().flush()
        raise


def capture(task: Any) -> bool:
    """Have a task read the globals that it captures: they are as of its first submission, which is now.

    Containers that take in refs only later are whole by then, for it may read them. False for an actor class that may
    and that Ray reads no sooner than when the first actor is made, which must not wait then.
    """
    declared = rayprivate.declared(task)
    if declared is None:
        return True
    kind, base, _ = declared
    region = regions.current()
    late = bool(region.growing) and not rayprivate_sends.was_submitted(base)
    if late:
        region.flush()
    if kind == "Map":
        rayprivate.export(base)
        return True
    return not late
