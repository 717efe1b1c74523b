import collections

import ray


@ray.remote
def add(a, b):
    return a + b


def queue(values):
    while len(values) > 1:
        values = values[2:] + [add.remote(values[0], values[1])]
    return ray.get(values[0])


def levels(values):
    while len(values) > 1:
        above = []
        for i in range(0, len(values) - 1, 2):
            above.append(add.remote(values[i], values[i + 1]))
        if len(values) % 2:
            above.append(values[-1])
        values = above
    return ray.get(values[0])


def of_two(values, more):
    while len(values) > 1:
        values = values[2:] + more + [add.remote(values[0], values[1])]
        more = []
    return ray.get(values[0])


def chain(state, n):
    for i in range(n):
        state = add.remote(state, i)
    return ray.get(state)


given = [1, 2, 3, 4, 5]
print(queue(given), levels(given), of_two(given, [6, 7]), given, chain(1, 4))
print(queue(collections.UserList(given)), levels(tuple(given)))
for other in (tuple(given), "abc"):
    try:
        queue(other)
    except TypeError as error:
        print(error)
