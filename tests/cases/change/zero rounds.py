import ray


@ray.remote
def f(x):
    return x


@ray.remote
class A:
    def m(self, *xs):
        return len(xs)


def main(n, rounds):
    actors = [A.remote() for _ in range(n)]
    refs = [f.remote(i) for i in range(n)]
    grown = []
    for _ in range(rounds):
        refs = [f.remote(r) for r in refs]
        for r in refs:
            grown.append(f.remote(r))
    out = [a.m.remote(*refs) for a in actors]
    return ray.get(refs), ray.get(grown), ray.get(out)


print(main(0, 0), main(0, 2), main(2, 0), main(2, 2))
