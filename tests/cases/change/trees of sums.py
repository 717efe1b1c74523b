import ray


@ray.remote
def make(i):
    return i * i


@ray.remote
def add(x, y):
    return x + y


def by_queue(n):
    refs = [make.remote(i) for i in range(n)]
    while len(refs) > 1:
        refs = refs[2:] + [add.remote(refs[0], refs[1])]
    return ray.get(refs[0])


def by_pops(n):
    refs = []
    for i in range(n):
        refs.append(make.remote(i))
    while len(refs) > 1:
        refs.append(add.remote(refs.pop(0), refs.pop(0)))
    return ray.get(refs)


def by_levels(n):
    refs = [make.remote(i) for i in range(n)]
    while len(refs) > 1:
        level = []
        for i in range(0, len(refs) - 1, 2):
            level.append(add.remote(refs[i], refs[i + 1]))
        if len(refs) % 2 == 1:
            level.append(refs[-1])
        refs = level
    return ray.get(refs[0])


def by_pairs(n):
    refs = [make.remote(i) for i in range(n)]
    while len(refs) > 1:
        paired = [add.remote(refs[i], y=refs[i + 1]) for i in range(0, len(refs) - 1, 2)]
        if len(refs) % 2:
            paired.append(refs[-1])
        refs = paired
    return ray.get(refs[0])


for n in (1, 2, 7):
    print(by_queue(n), by_pops(n), by_levels(n), by_pairs(n))
