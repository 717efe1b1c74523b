import asyncio

import ray


@ray.remote
def f(x):
    return x


async def numbers():
    for i in range(2):
        yield i


async def main():
    table = {i: f.remote(i) async for i in numbers()}
    unique = {f.remote(i) async for i in numbers()}
    return ray.get(list(table.values())), len(unique)


print(asyncio.run(main()))
