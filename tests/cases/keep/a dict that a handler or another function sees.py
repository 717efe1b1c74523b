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


def handled(n):
    out = {}
    try:
        for i in range(n):
            out[i] = f.remote(10 // (2 - i))
    except ZeroDivisionError:
        return sorted(out)
    return ray.get(list(out.values()))


def nested(n):
    out = {}

    def size():
        return len(out)

    for i in range(n):
        out[i] = f.remote(size())
    return ray.get(list(out.values()))


print(handled(2), handled(4), nested(3))
