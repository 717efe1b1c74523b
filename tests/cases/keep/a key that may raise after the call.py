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


@ray.remote
def note(counter, k):
    return ray.get(counter.add.remote(k))


def main(keys):
    counter = Counter.remote()
    out = {}
    for i in range(3):
        out[keys[i]] = note.remote(counter, i)
    return out


try:
    main(["a"])
except IndexError as error:
    print(error)
