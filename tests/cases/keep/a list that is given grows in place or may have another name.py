import ray


@ray.remote
def add(x, y):
    return x + y


def shrinks(refs):
    while len(refs) > 1:
        refs.append(add.remote(refs.pop(0), refs.pop(0)))
    return ray.get(refs[0])


def by_another_name(values, c):
    if c:
        values = values[1:] + [add.remote(values[0], 1)]
    same = values
    same.append(add.remote(same[0], 1))
    return same


def may_be_unbound(c):
    if c:
        values = [add.remote(1, 1), 2]
        print(len(values))
    while len(values) > 1:
        values = values[2:] + [add.remote(values[0], values[1])]
    return ray.get(values[0])


given = [1, 2, 3]
print(shrinks(given), [type(one).__name__ for one in given])
for c in (True, False):
    given = [1, 2]
    print(len(by_another_name(given, c)), [type(one).__name__ for one in given])
print(may_be_unbound(True))
