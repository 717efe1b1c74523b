import ray


@ray.remote
def load(i):
    return [i, i + 1]


@ray.remote
def total(values):
    return sum(values)


@ray.remote
def combine(k, *totals):
    return [k, *totals]


def main(n, m):
    blocks = [load.remote(i) for i in range(n)]
    totals = [total.remote(block) for block in blocks]
    combined = [combine.remote(k, *totals) for k in range(m)]
    again = []
    for k in range(2):
        again.append(combine.remote(k, *combined))
    return ray.get(again)


print(main(3, 2), main(0, 1))
