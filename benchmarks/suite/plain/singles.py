"""Single tasks that take one another: trees of sums, a fold, and a chain that a loop carries on."""

import ray


def spin(loops):
    """Computes for a time that grows with `loops`; gives a number that depends on all of it."""
    x = loops
    for _ in range(loops):
        x = (x * 1103515245 + 12345) % 2147483648
    return x


def plus(x, y, loops):
    return x + y + spin(loops) % 2


@ray.remote
def make(i, loops):
    return spin(loops + i)


@ray.remote
def add(x, y, loops):
    return plus(x, y, loops)


def tree(leaves, loops):
    refs = [make.remote(i, loops) for i in range(leaves)]
    while len(refs) > 1:
        refs = refs[2:] + [add.remote(refs[0], refs[1], loops)]  # noqa: RUF005
    return ray.get(refs[0])


def fold(leaves, loops):
    total = make.remote(0, loops)
    for i in range(1, leaves):
        total = add.remote(total, make.remote(i, loops), loops)
    return ray.get(total)


def chain(steps, loops):
    state = 0
    for i in range(steps):
        state = add.remote(state, i, loops)
    return ray.get(state)


def pairs(count, loops):
    total = 0
    for i in range(count):
        made = make.remote(i, loops)
        added = add.remote(made, i, loops)
        total += ray.get(added)
    return total
