import ray


@ray.remote
class Counter:
    def __init__(self, start):
        self.n = start

    def add(self, k):
        self.n += k
        return self.n


def main():
    counters = []
    for i in range(3):
        counters.append(Counter.remote(i))
    refs = []
    for counter in counters:
        refs.append(counter.add.remote(10))
    print(ray.get(refs))


main()
