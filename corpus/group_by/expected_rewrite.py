"""A distributed group-by: partial sums per block, of which every reducer combines its share of the keys."""

import argparse
import sys

import numpy as np
import ray
import rayinfer.inferred as ri


def make_sales(index, rows, shops):
    """A block of the table: the shop and the amount of each sale."""
    rng = np.random.default_rng(index)
    return rng.integers(0, shops, rows), rng.integers(1, 500, rows)


def totals(shop, amount):
    """The number of sales, their sum and the largest of them, by shop."""
    found = {}
    for key in np.unique(shop).tolist():
        amounts = amount[shop == key]
        found[key] = (len(amounts), int(amounts.sum()), int(amounts.max()))
    return found


@ray.remote
def load_block(index, rows, shops):
    return make_sales(index, rows, shops)


@ray.remote
def aggregate(block):
    return totals(*block)


@ray.remote
def combine(index, num_reducers, *partials):
    combined = {}
    for partial in partials:
        for key, (count, total, largest) in partial.items():
            if key % num_reducers == index:
                before = combined.get(key, (0, 0, 0))
                combined[key] = (before[0] + count, before[1] + total, max(before[2], largest))
    return combined


def main(args):
    ray.init()
    blocks = ri.Map(load_block)
    for i in range(args.blocks):
        blocks.append(ri.call(i, args.rows, args.shops))
    partials = ri.Map(aggregate, blocks, (ri.call(block) for block in ri.each(blocks)))
    combined = ri.Map(
        combine, partials, (ri.call(i, args.reducers, *ri.each(partials)) for i in range(args.reducers))
    )

    result = {}
    for part in ri.get(combined):
        result.update(part)

    for shop in sorted(result):
        count, total, largest = result[shop]
        print(f"shop {shop}: {count} sales, {total} in all, {largest} at most")
    columns = zip(*[make_sales(i, args.rows, args.shops) for i in range(args.blocks)], strict=True)
    same = result == totals(*[np.concatenate(column) for column in columns])
    print("check:", "equal to a single-process group-by" if same else "NOT equal to a single-process group-by")
    return 0 if same else 1


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--blocks", type=int, default=6)
    parser.add_argument("--reducers", type=int, default=3)
    parser.add_argument("--rows", type=int, default=50_000, help="rows in each block")
    parser.add_argument("--shops", type=int, default=8)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main(parse_args()))
