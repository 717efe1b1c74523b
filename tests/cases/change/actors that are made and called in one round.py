import ray


@ray.remote
class Adder:
    def __init__(self, n, other=None):
        self.n = n
        self.other = other

    def add(self, x):
        self.n += x
        return self.n

    def both(self, x):
        return self.n, ray.get(self.other.add.remote(x))


def dropped(xs):
    refs = []
    for x in xs:
        adder = Adder.remote(x)
        adder.add.remote(10)
        refs.append(adder.add.remote(x))
    return ray.get(refs)


def kept(xs):
    adders, refs = [], []
    for x in xs:
        first = Adder.remote(x)
        second = Adder.options(num_cpus=0).remote(x, first)
        adders.append(first)
        if x % 2:
            refs.append(second.both.remote(x))
        else:
            refs.append(second.add.remote(-x))
    return ray.get(refs), ray.get([adder.add.remote(0) for adder in adders])


def named(kind, xs):
    rows = {}
    for x in xs:
        one = kind.remote(x)
        rows[x] = one, one.add.remote(1)
    return [(x, ray.get(ref), ray.get(one.add.remote(1))) for x, (one, ref) in rows.items()]


for given in ([], [1, 2, 3]):
    print(dropped(given), kept(given), named(Adder, given))
