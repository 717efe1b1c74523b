import ray


@ray.remote
def f(x):
    return x + 1


@ray.remote
class A:
    def __init__(self, i=0):
        self.i = i

    def add(self, k):
        self.i += k
        return self.i


def main():
    xs = [f.remote(i) for i in range(3)]  # rayinfer: ignore
    ys = [f.remote(x) for x in xs]  # rayinfer: ignore[RI001]
    zs = [  # rayinfer: ignore[RI001] over several lines
        f.remote(y)
        for y in ys
    ]
    actors = []
    for i in range(2):
        actors.append(A.remote(i))  # noqa: PERF401  # rayinfer: ignore
    for a in actors:
        a.add.remote(1)  # rayinfer: ignore[RI001, RI104] the second has nothing to hide
    print(ray.get(zs), ray.get([a.add.remote(2) for a in actors]))  # rayinfer: ignore


main()
