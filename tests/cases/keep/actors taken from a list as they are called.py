import ray


@ray.remote
class A:
    def __init__(self):
        self.n = 0

    def add(self, k):
        self.n += k
        return self.n


def main(actors):
    refs = [actors.pop().add.remote(i) for i in range(2)]
    more = [next(iter(actors)).add.remote(i) for i in range(2)]
    return ray.get(refs), ray.get(more)


made = [*iter(map(lambda _: A.remote(), range(3)))]
print(main(made))
