import ray


@ray.remote
def f(x):
    return x


@ray.remote
class Counter:
    def __init__(self, n=0):
        self.n = n

    def add(self, k=1):
        self.n += k
        return self.n


def main():
    box = [1]
    lazy = (f.remote(box[0]) for _ in range(2))
    box[0] = 2
    first, second = (f.remote(box[0]) for _ in range(2))
    parts = [*(f.remote(i) for i in range(2))]
    refs = []
    refs.extend(f.remote(len(refs)) for _ in range(2))
    several = zip((f.remote(i) for i in range(2)), range(2))
    return ray.get(list(lazy)), ray.get([first, second]), ray.get(parts), ray.get(refs), [i for _, i in several]


print(main())
