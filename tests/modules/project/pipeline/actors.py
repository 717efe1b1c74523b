"""The actors of the pipeline."""

from collections import Counter

import ray


@ray.remote
class Tally:
    """Counts the words of one shard."""

    def __init__(self, number):
        self.number = number
        self.counts = Counter()

    def take(self, *shards):
        for each in shards:
            self.counts.update(each[self.number])

    def most(self, count):
        return sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))[:count]
