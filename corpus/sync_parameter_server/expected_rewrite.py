"""A synchronous parameter server: in each round all workers give a gradient, and the server applies them."""

import argparse
import sys

import numpy as np
import ray
import rayinfer.inferred as ri

CLASSES = 4
FEATURES = 8


def make_data(seed, size):
    """Points around one centre per class, with a constant feature for the bias."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(0).normal(scale=1.5, size=(CLASSES, FEATURES))
    labels = rng.integers(0, CLASSES, size)
    points = centres[labels] + rng.normal(size=(size, FEATURES))
    return np.hstack([points, np.ones((size, 1))]), labels


class Model:
    """Softmax regression."""

    def __init__(self):
        self.weights = np.zeros((FEATURES + 1, CLASSES))

    def predict(self, points):
        scores = points @ self.weights
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        return scores / scores.sum(axis=1, keepdims=True)

    def compute_gradients(self, points, labels):
        errors = self.predict(points)
        errors[np.arange(len(labels)), labels] -= 1
        return points.T @ errors / len(labels)

    def apply_gradients(self, gradients, rate):
        self.weights = self.weights - rate * np.mean(gradients, axis=0)

    def accuracy(self, points, labels):
        return float(np.mean(self.predict(points).argmax(axis=1) == labels))


@ray.remote
class ParameterServer:
    def __init__(self, rate):
        self.model = Model()
        self.rate = rate

    def apply_gradients(self, *gradients):
        self.model.apply_gradients(gradients, self.rate)
        return self.model.weights

    def get_weights(self):
        return self.model.weights


@ray.remote
class DataWorker:
    def __init__(self, index, size):
        self.model = Model()
        self.data = make_data([1, index], size)

    def compute_gradients(self, weights):
        self.model.weights = weights
        return self.model.compute_gradients(*self.data)


def train_alone(args):
    model = Model()
    parts = [make_data([1, index], args.size) for index in range(args.workers)]
    for _ in range(args.rounds):
        model.apply_gradients([model.compute_gradients(*part) for part in parts], args.rate)
    return model.weights


def main(args):
    ray.init()
    ps = ParameterServer.remote(args.rate)
    workers = ri.InitActors(
        DataWorker, args.workers, (ri.call(index, args.size) for index in range(args.workers))
    )
    ri.evaluate(keep=[workers])

    model = Model()
    test_points, test_labels = make_data(2, 1000)
    print("training in rounds over", args.workers, "workers")
    current_weights = ps.get_weights.remote()
    for i in range(args.rounds):
        gradients = ri.evaluate(
            ri.MapActors(
                "compute_gradients", workers, (ri.call(current_weights) for worker in ri.each(workers))
            )
        )
        # The new weights are made once all gradients of this round are there.
        current_weights = ps.apply_gradients.remote(*gradients)
        if i % 10 == 9:
            model.weights = ray.get(current_weights)
            print(f"round {i + 1}: accuracy {model.accuracy(test_points, test_labels):.2f}")

    model.weights = ray.get(current_weights)
    same = np.allclose(model.weights, train_alone(args))
    print("check:", "equal to a single-process training" if same else "NOT equal to a single-process training")
    return 0 if same else 1


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--size", type=int, default=400, help="samples of each worker")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--rate", type=float, default=0.5)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main(parse_args()))
