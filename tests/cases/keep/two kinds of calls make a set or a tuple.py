import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


def main(n):
    chosen = {f.remote(i) if i else g.remote(i) for i in range(n)}
    rows = tuple((f.remote(i), g.remote(i)) for i in range(n))
    nested = [[f.remote(g.remote(i)) for i in range(n)] for _ in range(2)]
    return sorted(ray.get(list(chosen))), [ray.get(list(row)) for row in rows], [ray.get(one) for one in nested]


print(main(2))
