import time
import ray


@ray.remote
def f(x):
    return x


@ray.remote
class A:
    def m(self, x):
        return x


def helper(n):
    return sum(ray.get([f.remote(i) for i in range(n)]))


def main(names):
    out = {}
    start = time.time()
    for n in names:
        out[n] = f.remote(n)
    print(ray.get(list(out.values())))
    del start

    out = {}
    actors = [A.remote() for _ in range(2)]
    print("made", helper(3))
    for n in names:
        out[n] = actors[n % 2].m.remote(n)
    print(ray.get(list(out.values())))

    refs = []
    for k in range(2):
        print(ray.get([f.remote(i + k) for i in range(3)]))
    print(helper(2))
    for n in names:
        refs.append(f.remote(n))
    more = [f.remote(ref) for ref in refs]
    print(ray.get(more))

    grid = [[None] * 3 for _ in range(3)]
    print("grid")
    for i in range(3):
        for j in range(3):
            left = grid[i][j - 1] if j else None
            grid[i][j] = f.remote((i, j))
    print(ray.get(grid[2][2]))

    empty = []
    print("empty")
    for n in ():
        empty.append(f.remote(n))
    print(ray.get(empty), len(empty))

    for k in range(2):
        rows = {}
        print("round", k, helper(k))
        for n in names:
            rows[n] = f.remote(n + k)
        print({key: ray.get(ref) for key, ref in rows.items()})


ray.init()
main([1, 2, 3])
