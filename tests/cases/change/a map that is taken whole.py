import ray


@ray.remote
def square(x):
    return x * x


@ray.remote
def add(x, y):
    return x + y


@ray.remote
class Counter:
    def __init__(self, n):
        self.n = n

    def add(self, x):
        self.n += x
        return self.n


def main(xs):
    print(ray.get(list(map(square.remote, xs))))
    print(ray.get([*map(add.remote, xs, range(9))]))
    squares = list(map(lambda x: square.remote(x + 1), xs))
    print(ray.get(list(map(lambda ref, x: add.remote(ref, x), squares, xs))))
    pairs = tuple(map(
        lambda x: (x, square.options(num_cpus=0.5).remote(x)),  # as long as a line may be
        xs if len(xs) > 1 else [4],
    ))
    print([(x, ray.get(ref)) for x, ref in pairs])
    more = []
    more.extend(map(square.remote, xs))
    print(ray.get(more))


counters = list(map(Counter.remote, range(3)))
main([1, 2, 3])
print(ray.get(list(map(lambda counter: counter.add.remote(1), counters))))
