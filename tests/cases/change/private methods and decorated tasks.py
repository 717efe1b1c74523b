import functools

import ray


def traced(function):
    @functools.wraps(function)
    def inner(*args):
        return function(*args)

    return inner


@ray.remote
@traced
def f(x):
    return x


@ray.remote
class Base:
    def value(self):
        return "base"


class Plain:
    def value(self):
        return "plain"

    def two(self):
        return 1, 2


@ray.remote
class Child(Plain):
    @ray.method(num_returns=2)
    def two(self):
        return super().two()


def main():
    actors = [Child.remote() for _ in range(2)]
    pairs = [a.two.remote() for a in actors]
    values = [a.value.remote() for a in actors]
    print(ray.get([f.remote(i) for i in range(2)]), ray.get(values), [ray.get(p) for p in pairs])


main()
