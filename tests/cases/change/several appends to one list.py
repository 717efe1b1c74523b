import ray


@ray.remote
def f(x, *more):
    return (x, *more)


@ray.remote
class Counter:
    def __init__(self):
        self.n = 0

    def add(self, k):
        self.n += k
        return self.n


def main(n):
    refs = []
    for i in range(n):
        refs.append(f.remote(i))
        if i % 2:
            refs.append(f.remote(i, "odd"))
    refs.append(f.remote("last"))
    if n > 3:
        refs.append(f.remote("many"))
    chained = []
    base = [f.remote(i) for i in range(n)]
    for r in base:
        chained.append(f.remote(r))
        chained.append(f.remote(r, r))
    actors = [Counter.remote() for _ in range(2)]
    sums = []
    for a in actors:
        sums.append(a.add.remote(1))
    for a in actors:
        sums.append(a.add.remote(n))
    refs += [f.remote("added") for _ in range(2)]
    refs.extend([f.remote("extended") for _ in range(2)])
    return ray.get(refs), ray.get(chained), ray.get(sums)


ray.init()
print(main(0))
print(main(4))
