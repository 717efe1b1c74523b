"""Functions of the file make arguments, and keep, print, take, await, or see something as they do."""

import ray

seen = []
slots = [None] * 2


def kept(x):
    seen.append(x)
    return len(seen)


def told(x):
    print("told", x)
    return x


def taken(items):
    items.pop()
    return len(items)


def awaited(x):
    return ray.get(show.remote(x))


def looked(x):
    return [ref is None for ref in slots], x


def grown(x, more=[]):
    more += [x]
    return len(more)


def through(x):
    return awaited(x) + 1


@ray.remote
def show(x):
    return x


def main(count):
    print(ray.get([show.remote(kept(x)) for x in range(count)]))
    print(ray.get([show.remote(told(x)) for x in range(count)]))
    print(ray.get([show.remote(taken(list)) for list in ([1, 2], [3])]))
    print(ray.get([show.remote(awaited(x)) for x in range(count)]))
    print(ray.get([show.remote(looked(x)) for x in range(count)]))
    print(ray.get([show.remote(grown(x)) for x in range(count)]))
    print(ray.get([show.remote(through(x)) for x in range(count)]))


main(3)
