import ray


@ray.remote
def f(x):
    return x


@ray.remote
class Adder:
    def __init__(self, n):
        self.n = n

    def add(self, x):
        self.n += x
        return self.n


def main(n):
    total, refs = 0, []
    for i in range(n):
        adder = Adder.remote(total)
        refs.append(adder.add.remote(f.remote(i)))
        total = ray.get(refs[-1])
    return total, ray.get(refs)


print(main(3))
