import ray


@ray.remote
class Counter:
    def __init__(self):
        self.n = 0

    def add(self, k):
        self.n += k
        return self.n

    @ray.method(num_returns=2)
    def both(self, k):
        return self.n, k


counter = Counter.remote()
first = counter.add.remote(1)
last = counter.add.remote(first)
counter.add.remote(2)
while ray.get(counter.add.remote(1)) < 8:
    pass
pairs = [counter.both.remote(i) for i in range(2)]
print(ray.get(first), ray.get(last), ray.get(pairs[1]))
