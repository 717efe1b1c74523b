import ray


@ray.remote
def f(x):
    return x


@ray.remote
def step(x, k=1):
    return x + k


@ray.remote
class Counter:
    def add(self, k):
        return k


def main(names, n):
    slots = [None] * n
    for i in range(n):
        slots[i] = f.remote(i)
    by_name = {}
    for i, name in enumerate(names):
        by_name[name] = f.remote(i)
        by_name[name, "next"] = f.remote(i + 1)
    actors = dict()
    for name in names:
        actors[name] = Counter.remote()
    size = len(slots), len(by_name), len(actors)
    print(size, list(by_name), ray.get(slots[::-1]), ray.get([by_name[name] for name in names]))
    print([ray.get(actor.add.remote(1)) for actor in actors.values()])
    base = [f.remote(i) for i in range(3)]
    out = {}
    for r in base:
        out["last"] = step.remote(r)
    kept = []
    for k in range(2):
        rows = [0, 0, 0]
        for i in range(2):
            rows[-i] = f.remote(i + k)
        kept.append(rows)
    print(ray.get(out["last"]), [ray.get(row[0]) for row in kept], [row[1] for row in kept], kept[0] is kept[1])
    holes = [None, None, None]
    for i in range(3):
        if i != 1:
            holes[i] = f.remote(i)
    return [ref if ref is None else ray.get(ref) for ref in holes]


ray.init()
print(main(["a", "b"], 3))
print(main([], 0))
