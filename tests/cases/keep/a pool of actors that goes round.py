import itertools

import ray


@ray.remote
class A:
    def add(self, k):
        return k


actors = itertools.cycle([A.remote(), A.remote()])
refs = [next(actors).add.remote(k) for k in range(4)]
print(ray.get(refs))
