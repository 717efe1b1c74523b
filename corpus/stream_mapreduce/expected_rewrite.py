"""A streaming map-reduce: a batch every tick goes through map steps and a shuffle to a row of stateful reducers."""

import argparse
import json
import sys
import time

import numpy as np
import ray
import rayinfer.inferred as ri


@ray.remote
def make_batch(data_size):
    # Whole numbers in float64, so that sums are exact in any order.
    return 0.0, np.arange(data_size, dtype=np.float64) % 1000


@ray.remote
def map_step(start, batch):
    _, values = batch
    return start, values + 1


@ray.remote
def shuffle(num_reducers, batch):
    start, values = batch
    return start, [float(part.sum()) for part in np.array_split(values, num_reducers)]


@ray.remote
class Reducer:
    def __init__(self, index):
        self.index = index
        self.sum = 0.0
        self.latencies = []

    def reduce(self, *batches):
        for _, partial_sums in batches:
            self.sum += partial_sums[self.index]
        self.latencies.append(time.time() - batches[0][0])

    def get_sum(self):
        return self.sum

    def get_latencies(self):
        return self.latencies


def expected_sums(args, parallelism):
    values = np.arange(args.data_size, dtype=np.float64) % 1000 + args.maps
    parts = np.array_split(values, args.reducers)
    return [float(part.sum()) * parallelism * args.iterations for part in parts]


def report(args, parallelism, sums, latencies):
    if args.json:
        with open(args.json, "w") as file:
            json.dump({"sums": sums, "latencies": latencies}, file)
    steady = [value for one in latencies for value in one[len(one) // 4 :]]
    print(f"latency mean {np.mean(steady) * 1e3:.1f} ms, p50 {np.percentile(steady, 50) * 1e3:.1f} ms")
    print(f"latency p99 {np.percentile(steady, 99) * 1e3:.1f} ms, max {np.max(steady) * 1e3:.1f} ms")
    print("batches per reducer:", [len(one) for one in latencies])
    print("sums:", sums)
    if sums != expected_sums(args, parallelism):
        print("the sums are wrong")
        return 1
    print("the sums are right")
    return 0


def main(args):
    ray.init()
    parallelism = args.nodes * args.cpus_per_node

    # The state of the stream lives in the reducers; the input is made once and read by every batch.
    reducers = ri.InitActors(Reducer, args.reducers, (ri.call(i) for i in range(args.reducers)))
    batch = ri.Broadcast(make_batch, parallelism, args.data_size)
    ri.evaluate(keep=[reducers, batch])
    time.sleep(args.settle)  # Let the reducers start before the first batch comes.

    for _ in range(args.iterations):
        start = time.time()
        mapped = ri.Map(map_step, batch, (ri.call(start, batch) for _ in range(parallelism)))
        for _ in range(args.maps - 1):
            mapped = ri.Map(map_step, mapped, (ri.call(start, one) for one in ri.each(mapped)))
        shuffled = ri.Map(shuffle, mapped, (ri.call(args.reducers, one) for one in ri.each(mapped)))
        ri.ReduceActors("reduce", reducers, shuffled)
        ri.evaluate()
        time.sleep(args.tick)  # Wait for the next batch.

    latencies = ray.get(ri.evaluate(ri.MapActors("get_latencies", reducers)))
    sums = ray.get(ri.evaluate(ri.MapActors("get_sum", reducers)))
    return report(args, parallelism, sums, latencies)


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=5)
    parser.add_argument("--cpus-per-node", type=int, default=4)
    parser.add_argument("--maps", type=int, default=1, help="map steps before the shuffle, at least one")
    parser.add_argument("--reducers", type=int, default=5)
    parser.add_argument("--iterations", type=int, default=100)
    parser.add_argument("--data-size", type=int, default=100_000, help="float64 elements each map task gives")
    parser.add_argument("--tick", type=float, default=0.1, help="seconds between two batches")
    parser.add_argument("--settle", type=float, default=0.0, help="seconds to wait before the first batch")
    parser.add_argument("--json", help="write every latency and the sums to this file")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main(parse_args()))
