"""An SIR epidemic on a torus: every actor holds one region, and neighbours exchange their edges each day."""

import argparse
import sys

import numpy as np
import ray
import rayinfer.inferred as ri

SUSCEPTIBLE, INFECTED, RECOVERED = 0, 1, 2


def next_day(state, above, below, draws, infect, recover):
    """The state of a region one day later; `above` and `below` are the infected cells next to it."""
    ill = np.vstack([above, state == INFECTED, below]).astype(np.int64)
    contacts = ill[:-2] + ill[2:] + np.roll(ill, 1, axis=1)[1:-1] + np.roll(ill, -1, axis=1)[1:-1]
    falls_ill = (state == SUSCEPTIBLE) & (draws < 1 - (1 - infect) ** contacts)
    recovers = (state == INFECTED) & (draws < recover)
    return np.where(falls_ill, INFECTED, np.where(recovers, RECOVERED, state))


def draw(seed, day, index, shape):
    return np.random.default_rng([seed, day, index]).random(shape)


@ray.remote
class Region:
    def __init__(self, index, state, args):
        self.index = index
        self.state = state
        self.args = args
        self.day = 0

    def edges(self):
        return self.state[0] == INFECTED, self.state[-1] == INFECTED

    def step(self, above, below):
        draws = draw(self.args.seed, self.day, self.index, self.state.shape)
        self.state = next_day(self.state, above[1], below[0], draws, self.args.infect, self.args.recover)
        self.day += 1

    def count(self):
        return np.bincount(self.state.ravel(), minlength=3)


def simulate_alone(args, world):
    history = []
    for day in range(args.days):
        draws = np.vstack([draw(args.seed, day, i, (args.height, args.width)) for i in range(args.regions)])
        ill = world == INFECTED
        world = next_day(world, ill[-1], ill[0], draws, args.infect, args.recover)
        history.append(np.bincount(world.ravel(), minlength=3).tolist())
    return history


def main(args):
    ray.init()
    world = np.zeros((args.regions * args.height, args.width), dtype=np.int64)
    world[:: args.height // 2, :: args.width // 2] = INFECTED

    regions = ri.InitActors(
        Region, None, (ri.call(i, part, args) for i, part in enumerate(np.split(world, args.regions)))
    )
    ri.evaluate(keep=[regions])
    daily = []
    for _ in range(args.days):
        edges = ri.evaluate(ri.MapActors("edges", regions))
        ri.MapActors(
            "step",
            None,
            (ri.of(region, "step")(edges[i - 1], edges[(i + 1) % len(edges)]) for i, region in enumerate(ri.each(regions))),
        )
        ri.evaluate()
        daily.append(ri.evaluate(ri.MapActors("count", regions)))
    history = [np.sum(ray.get(counts), axis=0).tolist() for counts in daily]

    for day in range(0, args.days, 5):
        susceptible, infected, recovered = history[day]
        print(f"day {day + 1:2d}: {susceptible} susceptible, {infected} infected, {recovered} recovered")
    same = history == simulate_alone(args, world)
    print("check:", "equal to a single-process simulation" if same else "NOT equal to a single-process simulation")
    return 0 if same else 1


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--regions", type=int, default=3)
    parser.add_argument("--height", type=int, default=30, help="rows of each region")
    parser.add_argument("--width", type=int, default=90)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--infect", type=float, default=0.25, help="chance of infection per infected neighbour and day")
    parser.add_argument("--recover", type=float, default=0.15, help="chance of recovery per day")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main(parse_args()))
