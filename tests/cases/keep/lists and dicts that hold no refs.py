import ray


@ray.remote
def f(x):
    return x


def grouped(names):
    found = {}
    for name in names:
        found[name] = []
    print(found)
    return found, ray.get(f.remote(len(names)))


def table(rows, columns):
    cells = []
    for _ in range(rows):
        row = []
        for column in range(columns):
            row.append([])
            row.append(column)
        cells.append(row)
    print(cells)
    return ray.get(f.remote(cells))


ray.init()
for names in ([], ["a", "b"]):
    print(grouped(names), table(len(names), 2))
