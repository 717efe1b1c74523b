import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


def main(n):
    pairs, table = [], {}

    def seen():
        return len(pairs), len(table)

    for i in range(n):
        pairs.append((f.remote(i), g.remote(i)))
        table[i] = [f.remote(i), g.remote(i)]
    return seen(), [ray.get(list(pair)) for pair in pairs], [ray.get(row) for row in table.values()]


print(main(2))
