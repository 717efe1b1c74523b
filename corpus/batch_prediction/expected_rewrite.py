"""Batch prediction with a shared model: by tasks that take its ref, and by actors that hold it between batches."""

import argparse
import sys

import numpy as np
import ray
import rayinfer.inferred as ri

FEATURES, HIDDEN, CLASSES = 64, 512, 5


def load_model():
    """Two layers with whole numbers for weights, so that scores are exact on every machine."""
    rng = np.random.default_rng(0)
    return rng.integers(-3, 4, (FEATURES, HIDDEN)).astype(float), rng.integers(-3, 4, (HIDDEN, CLASSES)).astype(float)


def load_batch(index, size):
    return np.random.default_rng(index).integers(0, 10, (size, FEATURES)).astype(float)


def predict(model, batch):
    first, second = model
    return (np.maximum(batch @ first, 0) @ second).argmax(axis=1)


@ray.remote
def make_prediction(model, index, size):
    return predict(model, load_batch(index, size))


@ray.remote
class BatchPredictor:
    def __init__(self, model):
        self.model = model
        self.batches = 0

    def predict(self, index, size):
        self.batches += 1
        return predict(self.model, load_batch(index, size))

    def num_batches(self):
        return self.batches


def main(args):
    ray.init()
    model = load_model()
    # Once into the object store; every task and actor takes the ref.
    model_ref = ray.put(model)

    by_tasks = ri.get(ri.Map(make_prediction, None, (ri.call(model_ref, i, args.size) for i in range(args.batches))))

    predictors = ri.evaluate(
        ri.InitActors(BatchPredictor, args.actors, (ri.call(model_ref) for _ in range(args.actors)))
    )
    refs = ri.MapActors("predict")
    for i in range(args.batches):
        # The actors in turn.
        refs.append(ri.of(predictors[i % args.actors], "predict")(i, args.size))
    refs = ri.evaluate(refs)
    by_actors = ray.get(refs)
    shares = ray.get(ri.evaluate(ri.MapActors("num_batches", predictors)))

    alone = [predict(model, load_batch(i, args.size)) for i in range(args.batches)]
    print("predictions by class:", np.bincount(np.concatenate(by_tasks), minlength=CLASSES).tolist())
    print("batches by actor:", shares)
    same = np.array_equal(by_tasks, alone) and np.array_equal(by_actors, alone)
    print("check:", "equal to a single-process prediction" if same else "NOT equal to a single-process prediction")
    return 0 if same else 1


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, default=10)
    parser.add_argument("--size", type=int, default=500, help="samples in each batch")
    parser.add_argument("--actors", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main(parse_args()))
