"""Workloads of the corpus: LCS, Game of Life, tree reduce, parameter server, shuffle. They check their own results."""

from __future__ import annotations

import contextlib
import functools
import io
import re
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import ray

from benchmarks.suite import workload
from benchmarks.suite.workload import CORES, Bench, Prepare, Run, Workload
from rayinfer.runtime.rayprivate import function_of


@contextlib.contextmanager
def connected() -> Iterator[None]:
    """For the length of the block a program's own `ray.init` finds that this process is connected."""
    plain = ray.init
    ray.init = functools.partial(plain, ignore_reinit_error=True, logging_level="error")
    try:
        yield
    finally:
        ray.init = plain


def path_of(name: str) -> str:
    return f"corpus/{name}/plain.py"


def _main(bench: Bench, name: str, shows: str, rewritten: bool = False, **given: Any) -> Run:
    module = bench.program(path_of(name), rewritten)

    def run() -> str:
        output = io.StringIO()
        with connected(), contextlib.redirect_stdout(output):
            status = module.main(Namespace(**given))
        if status != 0:
            raise RuntimeError(f"{name}: exit code {status}: {output.getvalue()}")
        return re.findall(shows, output.getvalue())[-1]

    return run


def compared(name: str, shows: str) -> dict[str, Prepare]:
    """The plain and the rewritten variant of a program of the corpus; a run gives the last match of `shows`."""
    return {
        "plain": functools.partial(_main, name=name, shows=shows),
        "rewritten": functools.partial(_main, name=name, shows=shows, rewritten=True),
    }


def sequences(length: int, seed: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 4, length, dtype=np.uint8), rng.integers(0, 4, length, dtype=np.uint8)


def hand_lcs(bench: Bench, length: int, block: int, seed: int) -> Run:
    """The blocks that suit the cores instead of those asked for."""
    return LCS["plain"](bench, length=length, block=max(block, length // (2 * CORES)), seed=seed)


def _wavefront(length: int, block: int, seed: int, submit: Any) -> Any:
    """The last block of the table, every block made by `submit(a, b, up, left, diagonal)`."""
    a, b = sequences(length, seed)
    places = range(0, length, block)
    above: list[Any] = [None] * len(places)
    for i in places:
        row: list[Any] = []
        for number, j in enumerate(places):
            left = row[-1] if row else None
            diagonal = above[number - 1] if number else None
            row.append(submit(a[i : i + block], b[j : j + block], above[number], left, diagonal))
        above = row
    return above[-1]


def dask_lcs(bench: Bench, length: int, block: int, seed: int) -> Run:
    client, function = bench.dask, function_of(bench.program(path_of("lcs"), False).lcs_block)
    submit = functools.partial(client.submit, function, pure=False)
    return lambda: str(_wavefront(length, block, seed, submit).result()[0][-1])


def floor_lcs(bench: Bench, length: int, block: int, seed: int) -> Run:
    function = function_of(bench.program(path_of("lcs"), False).lcs_block)
    return lambda: str(_wavefront(length, block, seed, function)[0][-1])


LCS: dict[str, Prepare] = {
    **compared("lcs", r"subsequence: (\d+)"),
    "hand": hand_lcs,
    "dask": dask_lcs,
    "floor": floor_lcs,
}
LCS_OF_FIVE: dict[str, Prepare] = {name: one for name, one in LCS.items() if name != "dask"}
LCS_OF_PUTS: dict[str, Prepare] = {**LCS, **workload.compared("benchmarks/suite/plain/wavefront.py", "lcs")}


def hand_life(bench: Bench, blocks: int, size: int, generations: int, seed: int) -> Run:
    """The same world in two by two blocks."""
    return LIFE["plain"](bench, blocks=2, size=blocks * size // 2, generations=generations, seed=seed)


def floor_life(bench: Bench, blocks: int, size: int, generations: int, seed: int) -> Run:
    alone = bench.program(path_of("game_of_life"), False).live_alone
    world = np.random.default_rng(seed).integers(0, 2, (blocks * size, blocks * size), dtype=np.uint8)
    return lambda: str(alone(world, generations).sum())


LIFE: dict[str, Prepare] = {
    **compared("game_of_life", r"alive: \d+ at first, (\d+) at last"),
    "hand": hand_life,
    "floor": floor_life,
}


def make_sum(first: int, stop: int, size: int) -> Any:
    return sum(np.random.default_rng(i).integers(0, 1000, size) for i in range(first, stop))


@ray.remote
def sum_slice(first: int, stop: int, size: int) -> Any:
    return make_sum(first, stop, size)


def hand_tree(_bench: Bench, vectors: int, size: int) -> Run:
    """A slice of the vectors per core, made and added in one task, for each of the three sums."""
    step = -(-vectors // CORES)

    def run() -> str:
        slices = [sum_slice.remote(i, min(i + step, vectors), size) for _ in range(3) for i in range(0, vectors, step)]
        return str(sum(ray.get(slices)).sum() // 3)

    return run


def floor_tree(_bench: Bench, vectors: int, size: int) -> Run:
    return lambda: str(make_sum(0, vectors, size).sum())


def floor_server(bench: Bench, **given: Any) -> Run:
    module = bench.program(path_of("sync_parameter_server"), False)

    def run() -> str:
        model = module.Model()
        model.weights = module.train_alone(Namespace(**given))
        return f"{model.accuracy(*module.make_data(2, 1000)):.2f}"

    return run


def hand_shuffle(bench: Bench, mappers: int, reducers: int, top: int) -> Run:
    """As many mappers and reducers as there are cores."""
    return SHUFFLE["plain"](bench, mappers=min(mappers, CORES), reducers=min(reducers, CORES), top=top)


def dask_shuffle(bench: Bench, mappers: int, reducers: int, top: int) -> Run:
    client, module = bench.dask, bench.program(path_of("mapreduce_text"), False)
    mapper, reducer = function_of(module.apply_map), function_of(module.apply_reduce)
    texts = [module.topics[name] for name in sorted(module.topics)]

    def pick(parts: Any, i: int) -> Any:
        return parts[i]

    def run() -> str:
        parts = client.map(mapper, [texts[i::mappers] for i in range(mappers)], [reducers] * mappers, pure=False)
        outputs = [client.submit(reducer, *[client.submit(pick, one, i) for one in parts]) for i in range(reducers)]
        return str(sum(sum(counts.values()) for counts in client.gather(outputs)))

    return run


def floor_shuffle(bench: Bench, mappers: int, reducers: int, top: int) -> Run:
    module = bench.program(path_of("mapreduce_text"), False)

    def run() -> str:
        counts: Counter[str] = module.count_words(module.topics.values())
        return str(sum(counts.values()))

    return run


SHUFFLE: dict[str, Prepare] = {
    **compared("mapreduce_text", r"(\d+) words"),
    "hand": hand_shuffle,
    "dask": dask_shuffle,
    "floor": floor_shuffle,
}
TREE: dict[str, Prepare] = {
    **compared("tree_reduce", r"total (\d+)"),
    "hand": hand_tree,
    "floor": floor_tree,
}
SERVER: dict[str, Prepare] = {**compared("sync_parameter_server", r"accuracy (\S+)"), "floor": floor_server}


def _lcs(
    block: int, target: float, kind: str = "", told: str = "", prepare: dict[str, Prepare] = LCS, **options: Any
) -> Workload:
    return Workload(
        f"lcs-{block}{kind}",
        f"LCS of 600, blocks of {block}{told}",
        prepare,
        {"length": 600, "block": block, "seed": 1},
        {"length": 30, "block": 15, "seed": 1},
        target=target,
        **options,
    )


WORKLOADS = (
    Workload(
        "shuffle",
        "shuffle of 20 x 20, word counts",
        SHUFFLE,
        {"mappers": 20, "reducers": 20, "top": 3},
        {"mappers": 2, "reducers": 2, "top": 1},
    ),
    _lcs(15, 3.0),
    _lcs(60, 0.95, quick=False),
    _lcs(15, 3.0, "-five", ", five nodes", LCS_OF_FIVE, nodes=5, rounds=5, quick=False),
    _lcs(15, 3.0, "-puts", ", a put ref for each block", LCS_OF_PUTS),
    Workload(
        "tree-reduce",
        "three tree sums of 100 vectors",
        TREE,
        {"vectors": 100, "size": 10_000},
        {"vectors": 3, "size": 10},
    ),
    Workload(
        "parameter-server",
        "a parameter server, 3 workers, 300 rounds",
        SERVER,
        {"workers": 3, "size": 400, "rounds": 300, "rate": 0.5},
        {"workers": 1, "size": 20, "rounds": 10, "rate": 0.5},
    ),
    Workload(
        "game-of-life",
        "Game of Life, 4 x 4 blocks, 20 generations",
        LIFE,
        {"blocks": 4, "size": 32, "generations": 20, "seed": 1},
        {"blocks": 2, "size": 4, "generations": 2, "seed": 1},
        quick=False,
    ),
)
