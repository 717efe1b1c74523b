import asyncio

import ray


@ray.remote
def f(x):
    return x


@ray.remote
class A:
    async def get(self, x):
        return x


async def main():
    actor = A.remote()
    first = await f.remote(1)
    rest = await asyncio.gather(*(f.remote(i) for i in range(2)))
    return first, rest, await actor.get.remote(5)


print(asyncio.run(main()))
