"""A streaming word count over the text of the installed Python: its documentation topics and its library's sources."""

import argparse
import re
import sys
import sysconfig
import time
import zlib
from collections import Counter
from pathlib import Path
from pydoc_data.topics import topics

import ray
import rayinfer.inferred as ri

WORD = re.compile(r"[a-z]{2,}")


def read_chunks(num_files, num_chunks):
    """The documentation topics and the library's first files, dealt out line by line."""
    files = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))[:num_files]
    texts = [*topics.values(), *(file.read_text(encoding="utf-8", errors="replace") for file in files)]
    lines = "\n".join(texts).splitlines()
    return ["\n".join(lines[i::num_chunks]) for i in range(num_chunks)]


@ray.remote
def load_corpus(num_files, num_chunks):
    return read_chunks(num_files, num_chunks)


@ray.remote
def count_words(chunks, index):
    return Counter(WORD.findall(chunks[index].lower()))


@ray.remote
def partition(num_counters, counts):
    # crc32 and not hash: a string's hash differs from process to process.
    parts = [{} for _ in range(num_counters)]
    for word, count in counts.items():
        parts[zlib.crc32(word.encode()) % num_counters][word] = count
    return parts


@ray.remote
class WordCounter:
    def __init__(self, index):
        self.index = index
        self.counts = Counter()

    def add(self, *partitioned):
        for parts in partitioned:
            self.counts.update(parts[self.index])

    def get_counts(self):
        return dict(self.counts)


def print_top(counts, num_words):
    print(f"{sum(counts.values())} words, {len(counts)} different")
    for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:num_words]:
        print(f"{count:8d} {word}")


def check(args, parallelism, counts):
    alone = Counter()
    for chunk in read_chunks(args.files, args.iterations * parallelism):
        alone.update(WORD.findall(chunk.lower()))
    same = alone == counts
    print("check:", "equal to a single-process count" if same else "NOT equal to a single-process count")
    return 0 if same else 1


def main(args):
    ray.init()
    parallelism = args.nodes * args.cpus_per_node

    counters = ri.InitActors(WordCounter, args.counters, (ri.call(i) for i in range(args.counters)))
    corpus = ri.Broadcast(load_corpus, parallelism, args.files, args.iterations * parallelism)
    ri.evaluate(keep=[counters, corpus])

    for tick in range(args.iterations):
        first = tick * parallelism
        counted = ri.Map(count_words, corpus, (ri.call(corpus, first + i) for i in range(parallelism)))
        partitioned = ri.Map(partition, counted, (ri.call(args.counters, counts) for counts in ri.each(counted)))
        ri.ReduceActors("add", counters, partitioned)
        ri.evaluate()
        time.sleep(args.tick)

    counts = Counter()
    for part in ray.get(ri.evaluate(ri.MapActors("get_counts", counters))):
        counts.update(part)
    print_top(counts, args.top)
    return check(args, parallelism, counts) if args.check else 0


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=5)
    parser.add_argument("--cpus-per-node", type=int, default=4)
    parser.add_argument("--counters", type=int, default=5)
    parser.add_argument("--iterations", type=int, default=10)
    parser.add_argument("--files", type=int, default=100, help="how many of the library's files are read")
    parser.add_argument("--top", type=int, default=20, help="how many words are printed")
    parser.add_argument("--tick", type=float, default=0.1, help="seconds between two batches")
    parser.add_argument("--check", action="store_true", help="count again in this process and compare")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main(parse_args()))
