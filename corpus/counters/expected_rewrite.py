"""Counters as actors: create them, increment all, read all; then a few calls on one of them, and a clean-up."""

import argparse
import sys

import ray
import rayinfer.inferred as ri


@ray.remote
class Counter:
    def __init__(self, start=0):
        self.value = start

    def increment(self, by=1):
        self.value += by
        return self.value

    def get_counter(self):
        return self.value


def count_alone(args):
    values = [0] * args.counters
    for _ in range(args.rounds):
        values = [value + 1 for value in values]
    for i in range(args.counters):
        values[i] += i
    values[0] += args.extra
    return values


def main(args):
    ray.init()
    counters = ri.InitActors(Counter, args.counters, (ri.call() for _ in range(args.counters)))

    # Increment every counter, round by round; nobody waits for the results.
    for _ in range(args.rounds):
        ri.MapActors("increment", counters)
    counters = ri.evaluate(counters)
    print("after all rounds:", ray.get(ri.evaluate(ri.MapActors("get_counter", counters))))

    # A different amount for each counter.
    increments = ri.evaluate(
        ri.MapActors(
            "increment",
            None,
            (ri.of(counter, "increment")(by=i) for i, counter in enumerate(ri.each(counters))),
        )
    )
    print("after amounts of their own:", ray.get(increments))

    # Calls on one actor are done one after the other, in this order.
    first = counters[0]
    results = ray.get(ri.evaluate(ri.Group(None, (ri.of(first.increment)() for _ in range(args.extra)))))
    print("the first one counts on:", results)

    values = ray.get(ri.evaluate(ri.MapActors("get_counter", counters)))
    for counter in counters:
        ray.kill(counter)

    print("values:", values)
    same = values == count_alone(args)
    print("check:", "equal to counting in one process" if same else "NOT equal to counting in one process")
    return 0 if same else 1


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counters", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--extra", type=int, default=5, help="further calls on the first counter")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main(parse_args()))
