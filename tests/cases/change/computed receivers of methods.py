import ray


@ray.remote
class A:
    def __init__(self):
        self.n = 0

    def add(self, k):
        self.n += k
        return self.n


def main(actors):
    a = [getattr(x, "add").remote(1) for x in actors]  # noqa: B009
    b = [actors[i].add.remote(1) for i in range(2)]
    c = [x.add.remote(1) for x in actors[:1]]
    d = [x.add.remote(1) for x in reversed(actors)]
    e = [x.add.options(num_returns=1).remote(1) for x in actors]
    f = [x.add.remote(1) for x in actors if x is not None]
    g = [x.add.remote(1) for x in actors for _ in range(2)]
    h = [x.add.remote(i) for i, x in enumerate(actors)]
    return [ray.get(one) for one in (a, b, c, d, e, f, g, h)]


print(main((A.remote(), A.remote())))
