import ray


@ray.remote
def step(x, before=None):
    print("step", x, before)
    return x + (before or 0)


@ray.remote
def add(x, y):
    return x + y


def chain(n):
    refs = [None] * n
    refs[0] = add.remote(1, 1)
    for i in range(1, n):
        refs[i] = add.remote(refs[i - 1], i)
    return ray.get(refs[n - 1]), len(refs)


def with_effects(n):
    refs = [None] * n
    before = None
    for i in range(n):
        refs[i] = step.remote(i, before)
        before = refs[i]
    return ray.get(refs[-1])


def pairs(n):
    table = {}
    for i in range(n):
        for j in range(n):
            table[i, j] = add.remote(table[i - 1, j] if i else i, table[i, j - 1] if j else j)
    return ray.get(list(table.values()))


print(chain(5), with_effects(3), pairs(3))
