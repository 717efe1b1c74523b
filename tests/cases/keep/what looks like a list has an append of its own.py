import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


class Log(list):
    def append(self, ref):
        print("one more", type(ref).__name__)
        super().append(ref)


class Table(dict):
    def __setitem__(self, key, value):
        print("at", key, type(value).__name__)
        super().__setitem__(key, value)


def main(n):
    log, table = Log(), Table()
    for i in range(n):
        log.append(f.remote(i))
        log.append(g.remote(i))
    for i in range(n):
        table[i] = f.remote(i), g.remote(i)
    return ray.get(list(log)), [ray.get(list(pair)) for pair in table.values()]


print(main(2))
