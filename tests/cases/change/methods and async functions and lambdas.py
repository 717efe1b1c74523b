import asyncio

import ray


@ray.remote
def f(x):
    return x + 1


class Driver:
    def __init__(self, n):
        self.n = n
        self.refs = [f.remote(i) for i in range(n)]

    def run(self):
        more = [f.remote(r) for r in self.refs]
        last = [f.remote(m) for m in more]
        return ray.get(last)

    @property
    def doubled(self):
        return ray.get([f.remote(r) for r in self.refs])

    @staticmethod
    def make(n):
        return Driver(n)


async def wait_for(n):
    refs = [f.remote(i) for i in range(n)]
    await asyncio.sleep(0)
    more = [f.remote(r) for r in refs]
    return ray.get(more)


def outer(n):
    def inner(k):
        return [f.remote(k + i) for i in range(n)]

    return ray.get(inner(1)) + ray.get(inner(10))


print(Driver.make(3).run(), Driver(2).doubled, asyncio.run(wait_for(2)), outer(2))
