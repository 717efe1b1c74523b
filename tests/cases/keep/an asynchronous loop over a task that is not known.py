import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


import asyncio  # noqa: E402


async def numbers():
    for i in range(2):
        yield i


async def main(task):
    refs = [task.remote(i) async for i in numbers()]
    more = [task.remote(await asyncio.sleep(0, i)) for i in range(2)]
    return ray.get(refs), ray.get(more)


print(asyncio.run(main(f)))
