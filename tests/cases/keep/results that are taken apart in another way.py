import ray


@ray.remote(num_returns=3)
def parts(x):
    return x, x + 1, x + 2


@ray.remote
def whole(x):
    return x, x


@ray.remote
def add(x, y):
    return x + y


class Box:
    pass


def main(n):
    kept, box = [], Box()
    for x in range(n):
        first, *rest = parts.remote(x)
        kept.append(first)
        kept.extend(rest)
    for x in range(n):
        box.first, box.second, box.third = parts.remote(x)
        kept.append(box.third)
    for x in range(n):
        first, second, third = parts.remote(x)
        print(type(third).__name__)
    first, second, third = parts.remote(n)
    print(ray.get([first, second, third]), len(ray.get(kept)))
    look = lambda: type(seen).__name__
    for x in range(n):
        seen, other, last = parts.remote(x)
        print(look())
    try:
        for x in range(n):
            left, right = whole.remote(x)
    except TypeError as error:
        print(type(error).__name__)


main(2)
