import ray


@ray.remote
def f(x):
    return x


@ray.remote
class Counter:
    def __init__(self, start):
        self.n = start

    def add(self, k=1):
        self.n += k
        return self.n


class Key:
    """A key that counts how often it is hashed and compared."""

    asked = 0

    def __init__(self, value):
        self.value = value

    def __hash__(self):
        Key.asked += 1
        return hash(self.value)

    def __eq__(self, other):
        return self.value == other.value


def main(sizes):
    unique = {f.remote(i) for i in range(2)}
    table = {i: f.remote(i) for i in range(2)}
    by_name = {name: f.remote(size) for name, size in sizes.items() if size}
    odd = {(i % 2): (f.remote(i)) for i in range(5)}  # every call runs, and the last of a key counts
    pairs = {
        # a comment: with a colon
        (name, size): f.remote(
            size
        )
        for name, size in sizes.items()
    }
    listed = list(f.remote(i) for i in range(3))
    doubled = list(f.remote(ref) for ref in listed)
    fixed = tuple(f.remote(ref) for ref in listed)
    counters = {name: Counter.remote(size) for name, size in sizes.items()}
    keys = {Key(i % 2): f.remote(i) for i in range(3)}
    grid = [[f.remote((x, y)) for x in range(2)] for y in range(2)]
    print(len(unique), sorted(ray.get(list(unique))), list(table), ray.get(list(table.values())))
    print({name: ray.get(ref) for name, ref in by_name.items()}, {k: ray.get(r) for k, r in odd.items()})
    print({key: ray.get(ref) for key, ref in pairs.items()})
    print(type(listed), ray.get(listed), ray.get(doubled), type(fixed), ray.get(list(fixed)))
    print({name: ray.get(counter.add.remote()) for name, counter in counters.items()})
    print({key.value: ray.get(ref) for key, ref in keys.items()}, Key.asked)
    print([ray.get(row) for row in grid])
    print(ray.get(list(f.remote(i) for i in range(3))), len({i: f.remote(i) for i in []}))


ray.init()
main({"a": 1, "b": 0, "c": 3})
