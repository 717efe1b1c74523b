"""A script that tells when ray is missing."""

import sys

try:
    import ray
    from ray.util import ActorPool
except ImportError:
    sys.exit("install ray")


@ray.remote
def f(x):
    return x


print(ray.get([f.remote(i) for i in range(3)]), ActorPool.__name__)
