"""The steps of the pipeline."""

import ray

from . import text


@ray.remote
def load(name):
    return text.made_up(name)


@ray.remote(num_cpus=1)
def tokenise(content):
    return content.split()


@ray.remote(num_returns=2)
def halve(name):
    middle = len(name) // 2
    return name[:middle], name[middle:]
