import math
import time

import ray

SCALE = 3


def scaled(x, by=SCALE):
    return math.floor(x * by)


@ray.remote
def work(x, k=0):
    parts = []
    for i in range(x):
        parts.append(scaled(i) + k)
    return sum(parts)


@ray.remote(num_cpus=1)
def half(x):
    time.sleep(0.001)
    return 8 // x


def main(sizes, table):
    out = []
    for size in sizes:
        # one after the other, as it is written
        out.append(ray.get(work.remote(size)))
    total, seen = 0, {}
    for i, size in enumerate(sizes):
        result = ray.get(
            work.remote(
                size,
                k=i,  # the round's number
            )
        )
        total += result
        seen[size] = result
        print(i, size, total)
    for (name, size) in table.items():
        try:
            print(name, ray.get(half.remote(size)))
        except ZeroDivisionError:
            print(name, "cannot be halved")
    rows = [[ray.get(work.remote(size, k)) for size in sizes] for k in range(2)]
    by_name = {name: ray.get(work.remote(size)) for name, size in table.items()}
    return out, seen, rows, by_name, sum(ray.get(work.remote(size)) for size in sizes)


ray.init()
print(main([3, 1, 2], {"a": 2, "b": 0, "c": 4}))
print(main((), {}))
