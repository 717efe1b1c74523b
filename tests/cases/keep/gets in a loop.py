import ray


@ray.remote
class Counter:
    def __init__(self):
        self.n = 0

    def add(self, k):
        self.n += k
        return self.n / 3


counter = Counter.remote()
total = 0.0
for i in range(4):
    total += ray.get(counter.add.remote(i))
print(total)
