import ray


@ray.remote
def f(x):
    return x


@ray.remote
def add(x, y):
    return x + y


class Table:
    @property
    def items(self):
        base = [f.remote(i) for i in range(2)]
        more = [add.remote(b, 1) for b in base]
        return ray.get(more)

    def __len__(self):
        return len(self.items)

    def __iter__(self):
        for k in range(2):
            own = [f.remote(k) for _ in range(2)]
            yield ray.get(own)[0]


def main(table):
    xs = [f.remote(i) for i in range(2)]
    ys = [add.remote(x, y) for x, y in zip(xs, table.items)]
    zs = [add.remote(y, len(table)) for y in ys]
    pairs = [add.remote(z, k) for z in zs for k in table]
    grown = []
    for k in table:
        grown.append(f.remote(k))
    return ray.get(pairs), len(xs), ray.get(grown)


print(main(Table()))
