import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


pairs = [(f.remote(i), f.remote(-i)) for i in range(2)]
rows = []
for i in range(2):
    rows.append((g.remote(i), f.remote(i)))
both = []
for i in range(2):
    both.append(f.remote(i))
    both.append(g.remote(i + 10))
print([ray.get(list(p)) for p in pairs], [ray.get(r) for _, r in rows], ray.get(both))
