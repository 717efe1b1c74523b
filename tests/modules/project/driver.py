"""Counts words: a driver whose tasks and actors are all defined elsewhere."""

import sys

import pipeline.steps as steps
import ray
import tasks
from pipeline import Tally, load
from tasks import shard as make_shard


def count(names, tallies):
    """The most frequent words of some texts, as actors tell them."""
    actors = [Tally.remote(number) for number in range(tallies)]
    texts = [load.remote(name) for name in names]
    words = [steps.tokenise.remote(text) for text in texts]
    shards = [make_shard.remote(each, tallies) for each in words]
    for actor in actors:
        actor.take.remote(*shards)
    halves = [steps.halve.remote(name) for name in names]
    first = [ray.get(one) for one, _ in halves]
    return ray.get([actor.most.remote(3) for actor in actors]), first


if __name__ == "__main__":
    ray.init()
    for line in count([f"text {number}" for number in range(6)], 2):
        print(line)
    lengths = [tasks.length.remote(word) for word in ("a", "bb", "ccc")]
    print(ray.get(lengths), sys.argv[1:])
    bad = [tasks.boom.remote(number) for number in range(2)]
    try:
        ray.get(bad)
    except ValueError as error:
        print("caught", str(error).splitlines()[-1])
