"""A script that is over soon: connects, makes a few short tasks, prints their sum."""

import ray


def spin(loops):
    """Computes for a time that grows with `loops`; gives a number that depends on all of it."""
    x = loops
    for _ in range(loops):
        x = (x * 1103515245 + 12345) % 2147483648
    return x


@ray.remote
def work(loops):
    return spin(loops)


@ray.remote
def add(x, y):
    return x + y


def main():
    ray.init()
    parts = [work.remote(100_000 + i) for i in range(16)]
    pairs = [add.remote(parts[i], parts[i + 1]) for i in range(0, len(parts), 2)]
    print(sum(ray.get(pairs)))


if __name__ == "__main__":
    main()
