import ray


@ray.remote
def f(x, y=0):
    return x + y


def main():
    x = "outer"
    xs = [f.remote(x) for x in range(3)]
    xs = [f.remote(xs) for xs in xs]
    i = 5
    grid = [[f.remote(i, j) for j in range(2)] for i in range(2)]
    pairs = [f.remote(a, y=b) for a in range(2) for b in range(a + 1) if b < 2]
    return x, i, ray.get(xs), [ray.get(row) for row in grid], ray.get(pairs)


print(main())
