import functools

import ray


@ray.remote
def square(x):
    return x * x


@ray.remote
def minus(x):
    return -x


@ray.remote
def called(task):
    return task()


def rebinding():
    global square
    for i in range(3):
        yield i
        square = minus


def main(xs):
    print(ray.get(list(map(lambda x: called.remote(lambda: x), xs))))
    print(ray.get(list(map(lambda x, y=2: square.remote(x * y), xs))))
    print(ray.get(list(map(lambda *both: square.remote(sum(both)), xs, xs))))
    print(ray.get(list(map(functools.partial(square.remote), xs))))
    print([ray.get(ref) for ref in map(square.remote, xs)])
    print(ray.get(list(map(
        square.remote,  # comments are kept
        xs,
    ))))
    print(ray.get(list(map(square.remote, rebinding()))))


main([1, 2, 3])
