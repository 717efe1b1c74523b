"""The inline backend against Ray itself, and what only it must do: patch, restore, never hang."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import ray

from rayinfer.runtime.inline import inline_ray
from tests.environment import clean_environment

SNIPPETS = Path(__file__).with_name("snippets.py")


def lines_of(backend: str) -> dict[str, list[str]]:
    """What the snippets show on `real` Ray or `inline`."""
    command = [sys.executable, str(SNIPPETS), backend]
    done = subprocess.run(command, capture_output=True, text=True, env=clean_environment(), timeout=280, check=False)
    assert done.returncode == 0, done.stderr
    shown: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return shown


@pytest.fixture(scope="module")
def on_ray() -> dict[str, list[str]]:
    return lines_of("real")


@pytest.fixture(scope="module")
def inline() -> dict[str, list[str]]:
    return lines_of("inline")


NAMES = [
    "tasks_and_values", "wrong_calls", "copies", "nested_refs", "errors", "many_returns", "generators", "waiting",
    "actors", "actor_ends", "named_actors", "async_actors", "re_entrance", "retries", "session", "utilities",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_snippet_shows_what_ray_shows(on_ray, inline, name):
    assert inline[name] == on_ray[name]
    assert not any(line.startswith("ended by") for line in inline[name])


def test_every_snippet_is_compared(on_ray):
    assert set(on_ray) == set(NAMES)


@ray.remote
def double(x):
    return 2 * x


@ray.remote
class Keeper:
    def __init__(self):
        self.items = []

    def keep(self, item):
        self.items.append(item)
        return len(self.items)

    def where(self):
        return threading.get_ident()


def test_everything_is_restored():
    functions = {name: getattr(ray, name) for name in ("get", "put", "wait", "init", "kill", "nodes", "is_initialized")}
    submit = type(double)._remote
    with inline_ray():
        assert ray.get(double.remote(2)) == 4, "a function defined before the block"
        with inline_ray():
            assert ray.get(double.remote(3)) == 6
        assert ray.get(double.remote(4)) == 8 and ray.is_initialized()
    with pytest.raises(KeyError, match="out"), inline_ray():
        raise KeyError("out")
    assert {name: getattr(ray, name) for name in functions} == functions
    assert type(double)._remote is submit and not ray.is_initialized()


def test_sessions():
    with inline_ray():
        assert not ray.is_initialized()
        with ray.init(num_cpus=3, resources={"disk": 2}) as context:
            assert ray.cluster_resources()["CPU"] == 3.0 and ray.cluster_resources()["disk"] == 2
            assert context.address_info["address"] == "inline"
            keeper = Keeper.options(name="keeper").remote()
        assert not ray.is_initialized()
        with pytest.raises(ray.exceptions.ActorDiedError):
            ray.get(keeper.keep.remote(1))
        with pytest.raises(ValueError, match="keeper"):
            ray.get_actor("keeper")
        ray.shutdown()
        ray.init()
        ray.init(ignore_reinit_error=True)


def test_calls_run_in_the_order_of_submission_in_this_thread():
    order = []

    @ray.remote
    def note(x):
        order.append((x, threading.get_ident()))

    with inline_ray():
        refs = [note.remote(i) for i in range(3)]
        assert order == [(i, threading.get_ident()) for i in range(3)], "before any get"
        ray.get(refs)
        assert ray.get(Keeper.remote().where.remote()) == threading.get_ident()


def test_an_array_is_copied_once_and_is_read_only():
    @ray.remote
    def is_shared(a, b):
        return np.shares_memory(a, b), a.flags.writeable

    with inline_ray():
        ref = ray.put(np.zeros(10))
        assert ray.get(is_shared.remote(ref, ref)) == (True, False)
        with pytest.raises(ValueError, match="read-only"):
            ray.get(ref)[0] = 1


def test_a_get_that_could_never_end_says_so():
    @ray.remote
    class Waiter:
        async def never(self):
            import asyncio

            await asyncio.Event().wait()

    with inline_ray():
        with pytest.raises(RuntimeError, match="wait for ever"):
            ray.get(Waiter.remote().never.remote())
        with pytest.raises(ray.exceptions.GetTimeoutError):
            ray.get(Waiter.remote().never.remote(), timeout=100)


def test_a_named_actor_goes_with_its_last_handle():
    with inline_ray():
        keeper = Keeper.options(name="k").remote()
        box = ray.put([keeper])
        del keeper
        assert ray.get(ray.get_actor("k").keep.remote(1)) == 1, "a stored handle keeps it"
        del box
        with pytest.raises(ValueError, match="'k'"):
            ray.get_actor("k")


def test_refs_are_released():
    import gc
    import weakref

    with inline_ray():
        ref = ray.put(np.zeros(1000))
        inner = weakref.ref(ref.box)
        outer = ray.put([ref])
        del ref
        assert inner() is not None
        assert ray.get(ray.get(outer)[0]).sum() == 0
        del outer
        gc.collect()
        assert inner() is None


def test_a_driver_with_threads():
    with inline_ray(), ThreadPoolExecutor(4) as pool:
        keeper = Keeper.remote()
        counts = list(pool.map(lambda i: ray.get(keeper.keep.remote(i)), range(100)))
        assert sorted(counts) == list(range(1, 101))


def test_a_long_chain_of_waiting_tasks():
    import asyncio

    @ray.remote
    class Gate:
        def __init__(self):
            self.event = asyncio.Event()

        async def wait(self):
            await self.event.wait()
            return 0

        async def open(self):
            self.event.set()

    @ray.remote
    def add(x):
        return x + 1

    with inline_ray():
        gate = Gate.remote()
        ref = gate.wait.remote()
        for _ in range(3000):
            ref = add.remote(ref)
        gate.open.remote()
        assert ray.get(ref) == 3000


def test_interrupting_a_task_interrupts_the_program():
    @ray.remote
    def interrupted():
        raise KeyboardInterrupt

    with inline_ray(), pytest.raises(KeyboardInterrupt):
        interrupted.remote()
