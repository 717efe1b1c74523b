"""A pipeline of actors: each image goes from stage to stage as a ref, while the stages work on different images."""

import argparse
import sys

import numpy as np
import ray
import rayinfer.inferred as ri


def make_image(index, size):
    return np.random.default_rng(index).integers(0, 256, (size, size))


def blur(image):
    """The sum over each cell's neighbourhood of nine, at the edges with the cells that are there."""
    padded = np.pad(image, 1)
    rows, columns = image.shape
    return sum(padded[y : y + rows, x : x + columns] for y in range(3) for x in range(3))


class Stage:
    """What all stages have: a count of the images that went through."""

    def __init__(self):
        self.seen = 0

    def num_seen(self):
        return self.seen


@ray.remote
class Blur(Stage):
    def process(self, image):
        self.seen += 1
        return blur(image)


@ray.remote
class Threshold(Stage):
    def __init__(self, level):
        super().__init__()
        self.level = level

    def process(self, image):
        self.seen += 1
        return image > self.level


@ray.remote
class Measure(Stage):
    def process(self, mask):
        self.seen += 1
        return int(mask.sum()), int(np.diff(mask, axis=1).sum())


def main(args):
    ray.init()
    stages = [Blur.remote(), Threshold.remote(args.level), Measure.remote()]

    results = []
    for i in range(args.images):
        item = make_image(i, args.size)
        for stage in stages:
            item = ri.later(ri.of(stage, "process"), item)
        item = ri.evaluate(item)
        results.append(item)
    measured = ray.get(results)
    seen = ray.get(ri.evaluate(ri.MapActors("num_seen", stages)))

    alone = []
    for i in range(args.images):
        mask = blur(make_image(i, args.size)) > args.level
        alone.append((int(mask.sum()), int(np.diff(mask, axis=1).sum())))
    print(f"{args.images} images, bright cells and edges of the first: {measured[0]}")
    print("images by stage:", seen)
    print("bright cells and edges of all:", np.sum(measured, axis=0).tolist())
    same = measured == alone and seen == [args.images] * len(stages)
    print("check:", "equal to a single-process run" if same else "NOT equal to a single-process run")
    return 0 if same else 1


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=12)
    parser.add_argument("--size", type=int, default=200, help="cells on an image's side")
    parser.add_argument("--level", type=int, default=1200, help="sums of nine cells above it are bright")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main(parse_args()))
