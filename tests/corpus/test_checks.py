"""The corpus programs under other arguments, down to groups of no member; and that each sees a wrong result."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import running
from tests.corpus.golden import PROGRAMS, ROOT
from tests.corpus.test_programs import ARGUMENTS, compiled, steady

SIZES = {
    "actor_pool": ["--actors 1 --runs 1", "--runs 2 --actors 4", "--actors 0"],
    "async_parameter_server": ["--servers 1 --workers 1", "--workers 0", "--rounds 0", "--servers 3 --dim 1"],
    "batch_prediction": ["--actors 1 --batches 1", "--batches 2 --actors 5", "--batches 0"],
    "counters": ["--counters 1", "--rounds 0 --extra 0", "--counters 0"],
    "crawler": ["--pages 1", "--links 0", "--pages 300 --links 1"],
    "distributed_sort": ["--blocks 2 --size 1", "--blocks 9 --size 30", "--blocks 1", "--size 0"],
    "game_of_life": ["--blocks 1 --size 5", "--blocks 2 --size 1", "--generations 0", "--blocks 4 --size 3"],
    "group_by": ["--blocks 1 --reducers 1", "--shops 1", "--reducers 0", "--rows 0"],
    "hyperparameter_sweep": ["--steps 0 --size 10", "--size 0"],
    "kmeans": ["--blocks 1 --clusters 1", "--max-rounds 0", "--size 1 --clusters 3"],
    "lcs": ["--length 7 --block 3", "--length 40 --block 100", "--length 1", "--length 100 --block 15", "--length 0"],
    "mapreduce_text": ["--mappers 1 --reducers 2", "--reducers 9", "--reducers 1", "--mappers 0"],
    "monte_carlo_pi": ["--tasks 1 --rounds 1 --samples 10", "--tasks 0"],
    "pipeline": ["--images 1", "--images 0", "--size 1"],
    "schelling": ["--strips 1", "--strips 2 --height 2 --width 5", "--rounds 0"],
    "serial_get": ["--parts 1", "--parts 0", "--size 1"],
    "sir_epidemic": ["--regions 1", "--regions 2 --height 3 --width 7", "--days 0"],
    "stream_mapreduce": ["--nodes 1 --reducers 1 --iterations 1 --tick 0", "--nodes 0 --iterations 1 --tick 0"],
    "sync_parameter_server": ["--workers 1 --rounds 10", "--rounds 0", "--workers 0"],
    "tree_reduce": ["--vectors 1", "--vectors 2", "--vectors 0", "--vectors 16 --size 1"],
    "wordcount": ["--nodes 1 --cpus-per-node 1 --counters 1 --iterations 1 --files 1 --check --tick 0"],
}
# What makes the distributed half of a program wrong, and leaves its computation in one process right.
DEFECTS = {
    "actor_pool": ("return load, simulate_queue(seed,", "return load, simulate_queue(seed + 1,"),
    "async_parameter_server": ("self.params = self.params + step", "self.params = self.params + step + 0.01"),
    "batch_prediction": ("return predict(self.model, load_batch(index,", "return predict(self.model, load_batch(0,"),
    "counters": ("self.value += by", "self.value += by + (self.value == 3)"),
    "crawler": ("if link not in seen:", "if link not in seen and link < 'page-9':"),
    "distributed_sort": ("np.sort(np.concatenate(pieces))", "np.sort(np.concatenate(pieces[1:]))"),
    "game_of_life": ("np.block([ray.get(row) for row in blocks])", "np.block([ray.get(row) for row in blocks[::-1]])"),
    "group_by": ("before[0] + count", "count"),
    "hyperparameter_sweep": ("return train_and_score(**config,", "return 2 * train_and_score(**config,"),
    "kmeans": ("return partial_sums(self.points, centres)", "return partial_sums(self.points[1:], centres)"),
    "lcs": ("(b == letter)", "(b != letter)"),
    "mapreduce_text": ("    for partition in partitions:", "    for partition in partitions[1:]:"),
    "monte_carlo_pi": ("inside += count_inside(rng, num_samples)", "inside += count_inside(rng, num_samples) + 1"),
    "pipeline": ("        return image > self.level", "        return image >= self.level - 100"),
    "schelling": ("shift_strip.remote(moved[k], moved[(k + 1) % n])", "shift_strip.remote(moved[k], moved[k])"),
    "serial_get": ("    return count > limit", "    return count < limit"),
    "sir_epidemic": ("region.step.remote(edges[i - 1], edges[", "region.step.remote(edges[i], edges["),
    "stream_mapreduce": ("return start, values + 1", "return start, values + 2"),
    "sync_parameter_server": ("self.model.weights = weights", "self.model.weights = 0 * weights"),
    "tree_reduce": ("paired.append(refs[-1])", "paired.append(refs[0])"),
    "wordcount": ("counter.add.remote(*partitioned)", "counter.add.remote(*partitioned[1:])"),
}


def test_every_program_is_in_both_tables() -> None:
    names = [Path(program).parent.name for program in PROGRAMS]
    assert sorted(SIZES) == sorted(DEFECTS) == names


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's, about means of nothing.
@pytest.mark.parametrize(("name", "size"), [(name, size) for name, sizes in SIZES.items() for size in sizes])
def test_other_arguments_give_the_same(name: str, size: str) -> None:
    program, arguments = f"corpus/{name}/plain.py", size.split()
    plain = steady(running.plain_inline(ROOT / program, arguments))
    assert steady(running.rewritten_inline(compiled(program), ROOT / program, arguments)) == plain
    assert steady(running.rewritten_deferred(compiled(program), ROOT / program, arguments)) == plain


@pytest.mark.parametrize("name", DEFECTS)
def test_a_wrong_result_is_seen(name: str, tmp_path: Path) -> None:
    program = f"corpus/{name}/plain.py"
    right, wrong = DEFECTS[name]
    text = (ROOT / program).read_text()
    assert text.count(right) == 1
    defective = tmp_path / "plain.py"
    defective.write_text(text.replace(right, wrong))
    status, lines = steady(running.plain_inline(defective, ARGUMENTS.get(program, [])))
    assert (status, "NOT equal" in lines[-1] or lines[-1] == "the sums are wrong") == (1, True), lines
