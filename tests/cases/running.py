"""Runs a case in this process: plain or rewritten, on the inline backend, or on the cluster that is there."""

from __future__ import annotations

import contextlib
import io
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import ray
from ray import cloudpickle

from rayinfer.compiler import Compiled
from rayinfer.placement import ClusterView
from rayinfer.runtime import ahead, cluster, config, group, nodes, passing, regions, tiles, tracker, watcher
from rayinfer.runtime.callees import remote_of
from rayinfer.runtime.calls import resolved_call
from rayinfer.runtime.inline import inline_ray
from rayinfer.runtime.inline_actors import Actor
from rayinfer.runtime.recorder import Recorder, recording
from rayinfer.runtime.regions import Batch
from rayinfer.runtime.script import compile_script, run_script


def plain_inline(case: Path, arguments: Sequence[str] = ()) -> tuple[int, str]:
    """Exit code and standard output of the program as it is."""
    with inline_ray():
        return _run(_plain(case), case, arguments)


def rewritten_inline(result: Compiled, case: Path, arguments: Sequence[str] = ()) -> tuple[int, str]:
    """The same of the rewritten program, on the inline backend."""
    with inline_ray(), _backend("inline"):
        return _run_verified(result, case, arguments)


def rewritten_deferred(result: Compiled, case: Path, arguments: Sequence[str] = ()) -> tuple[int, str]:
    """The same with everything submitted at its region's end and no earlier, as a cluster's backend does it.

    Calls that may be made ahead of their turn are, and of values that are passed on it is the refs.
    """
    in_order = mock.patch.object(group, "submit", _submit_in_order)
    no_export = mock.patch.object(nodes.rayprivate, "export", lambda _task: None)
    with in_order, no_export:
        return _by_group_backend(result, case, arguments)


def rewritten_bundled(result: Compiled, case: Path, arguments: Sequence[str] = ()) -> tuple[int, str]:
    """The same with the bundles and tiles of the group backend's own plans, which run in this process."""
    pickled = mock.patch.object(nodes.rayprivate, "export", lambda task: cloudpickle.dumps(task._function))
    unmeasured = mock.patch.object(tracker, "track", lambda _ref, _ended: None)
    two_cpus = mock.patch.object(tiles, "cpus_of", lambda _view, _chain: 2)
    small = mock.patch.object(tiles, "length_of", lambda _cells, _cpus, _chain: 2)
    with pickled, unmeasured, two_cpus, small:
        return _by_group_backend(result, case, arguments)


def _by_group_backend(result: Compiled, case: Path, arguments: Sequence[str]) -> tuple[int, str]:
    flush = regions._flush_current
    submit = Actor.submit
    on_actor = mock.patch.object(Actor, "submit", lambda actor, call: (flush(), submit(actor, call))[1])
    no_nodes = mock.patch.object(cluster, "view", ClusterView)
    window = mock.patch.object(ahead, "_window", lambda _task: 4)
    by_ref = mock.patch.object(passing, "stand_in", _any_ref)
    with inline_ray(), _backend("group"), on_actor, no_nodes, window, by_ref, contextlib.ExitStack() as stack:
        for name in ("get", "wait", "kill", "cancel", "get_actor"):
            stack.enter_context(mock.patch.object(ray, name, _after(flush, getattr(ray, name))))
        return _run_verified(result, case, arguments)


def _any_ref(ref: Any, value: Any) -> Any:
    """What is passed on for a value as if it was large."""
    return value if isinstance(value, ray.ObjectRef) or not isinstance(ref, ray.ObjectRef) else ref


def _after(flush: Callable[[], None], plain: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args, **kwargs: (flush(), plain(*args, **kwargs))[1]


def plain_cluster(case: Path, arguments: Sequence[str] = ()) -> tuple[int, str]:
    """Exit code and standard output of the program as it is, on the cluster that this process is connected to."""
    return _without_raylets(_run(_plain(case), case, arguments))


def rewritten_cluster(
    result: Compiled, case: Path, arguments: Sequence[str] = (), backend: str = "group"
) -> tuple[int, str]:
    """The same of the rewritten program."""
    with _backend(backend):
        return _without_raylets(_run_verified(result, case, arguments))


def _without_raylets(outcome: tuple[int, str]) -> tuple[int, str]:
    """The outcome without the warnings that Ray prints in between."""
    status, output = outcome
    return status, "".join(line for line in output.splitlines(keepends=True) if "(raylet)" not in line)


def _plain(case: Path) -> types.CodeType:
    return compile(case.read_bytes(), str(case), "exec", dont_inherit=True)


def _run_verified(result: Compiled, case: Path, arguments: Sequence[str]) -> tuple[int, str]:
    """Runs the rewritten program; what it executes must be an instance of what was inferred."""
    recorder = Recorder(result.graphs, dict(result.made_at), str(case))
    code = compile_script(result.source, result.output, result.line_map, str(case))
    with recording(recorder):
        outcome = _run(code, case, arguments)
    found = recorder.finish()
    # IR that was written by hand is not held against what was inferred: nothing.
    assert not found or not result.graphs, found[0].report()
    return outcome


@contextlib.contextmanager
def _backend(name: str) -> Iterator[None]:
    before = config._chosen
    config.configure(backend=name)
    try:
        yield
    finally:
        config._chosen = before


def _run(code: types.CodeType, case: Path, given: Sequence[str]) -> tuple[int, str]:
    main, arguments, folder = sys.modules["__main__"], sys.argv, sys.path[0]
    output = io.StringIO()
    try:
        with contextlib.redirect_stdout(output), mock.patch.object(sys, "excepthook", _print_exception):
            status = run_script(code, str(case), given)
            # What an exception left pending belongs to this program, too.
            with contextlib.suppress(Exception):
                watcher.watcher.flush()
    finally:
        sys.modules["__main__"], sys.argv, sys.path[0] = main, arguments, folder
    return status, output.getvalue()


def _print_exception(kind: type[BaseException], error: BaseException, _traceback: object) -> None:
    text = str(error).splitlines()
    print(f"uncaught {kind.__name__}: {text[-1] if text else ''}")
    if "-v" in sys.argv:
        import traceback

        traceback.print_exception(error)


def _submit_in_order(batch: Batch) -> None:
    for node, start, stop in batch.runs:
        for index in range(start, stop):
            call = node.calls[index - node.offset]
            args, kwargs = resolved_call(call)
            target = node.targets[index - node.offset] if node.targets else None
            node.refs.append(remote_of(node.task, call, target)(*args, **kwargs))
            node.placement.append(None)
