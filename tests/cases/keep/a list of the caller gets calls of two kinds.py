import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


def grow(refs, table, n):
    for i in range(n):
        refs.append(f.remote(i))
        refs.append(g.remote(i))
    for i in range(n):
        table[i] = f.remote(i), g.remote(i)


given, table = [], {}
grow(given, table, 2)
print(ray.get(given), [ray.get(list(pair)) for pair in table.values()])
