"""Word counts by map-reduce over the documentation of Python: each map task gives one part per reducer."""

import argparse
import re
import sys
import zlib
from collections import Counter
from pydoc_data.topics import topics

import ray
import rayinfer.inferred as ri

WORD = re.compile(r"[a-z]{2,}")


def count_words(texts):
    counts = Counter()
    for text in texts:
        counts.update(WORD.findall(text.lower()))
    return counts


@ray.remote
def apply_map(texts, num_partitions):
    # crc32 and not hash: a string's hash differs from process to process.
    partitions = [{} for _ in range(num_partitions)]
    for word, count in count_words(texts).items():
        partitions[zlib.crc32(word.encode()) % num_partitions][word] = count
    return partitions


@ray.remote
def apply_reduce(*partitions):
    counts = Counter()
    for partition in partitions:
        counts.update(partition)
    return dict(counts)


def main(args):
    ray.init()
    texts = [topics[name] for name in sorted(topics)]
    chunks = [texts[i :: args.mappers] for i in range(args.mappers)]

    # Map phase: every task returns one ref per reducer.
    map_results = ri.Map(
        None, None, (ri.options(apply_map, num_returns=args.reducers)(chunk, args.reducers) for chunk in chunks)
    )

    # Shuffle and reduce: reducer i takes part i of every mapper.
    outputs = ri.Map(apply_reduce)
    for i in range(args.reducers):
        outputs.append(ri.call(*[partitions[i] for partitions in ri.each(map_results)]))

    counts = {}
    for output in ri.get(outputs):
        counts.update(output)

    print(f"{sum(counts.values())} words, {len(counts)} different")
    for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[: args.top]:
        print(f"{count:6d} {word}")
    same = counts == count_words(texts)
    print("check:", "equal to a single-process count" if same else "NOT equal to a single-process count")
    return 0 if same else 1


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mappers", type=int, default=6)
    parser.add_argument("--reducers", type=int, default=3, help="at least two")
    parser.add_argument("--top", type=int, default=10, help="how many words are printed")
    args = parser.parse_args()
    if args.reducers < 2:
        parser.error("--reducers must be at least 2")
    return args


if __name__ == "__main__":
    sys.exit(main(parse_args()))
