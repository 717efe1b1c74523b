"""Tasks beside the driver."""

import ray
from pipeline.text import place_of


@ray.remote
def shard(words, tallies):
    return [[word for word in words if place_of(word) % tallies == number] for number in range(tallies)]


@ray.remote
def boom(number):
    if number == 1:
        raise ValueError(f"number {number}")


def measure(word):
    return len(word)


length = ray.remote(measure)
