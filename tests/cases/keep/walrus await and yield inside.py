import asyncio

import ray


@ray.remote
def f(x):
    return x


def walrus():
    refs = [f.remote(last := i) for i in range(3)]
    return ray.get(refs), last


async def value(i):
    return i * 2


async def awaits():
    refs = [f.remote(await value(i)) for i in range(3)]
    return [await ref for ref in [f.remote(await value(1))]] and ray.get(refs)


async def items():
    for i in range(2):
        yield i


async def asynchronous():
    return ray.get([f.remote(i) async for i in items()])


def conditions():
    return ray.get([f.remote(i) for i in range(4) if (half := i // 2)]), half


print(walrus(), asyncio.run(awaits()), asyncio.run(asynchronous()), conditions())
