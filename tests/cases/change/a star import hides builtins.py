import ray
from os.path import *  # noqa: F403


@ray.remote
def f(x):
    return x


refs = [f.remote(i) for i in range(3)]
more = [f.remote(r) for r in refs]
print(ray.get(more), basename("/a/b"))  # noqa: F405
