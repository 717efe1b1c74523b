import ray


@ray.remote
class Counter:
    def __init__(self):
        self.n = 0

    def add(self, k):
        self.n += k
        return self.n


counter = Counter.remote()
refs = [counter.add.remote(i) for i in range(4)]
for i in range(2):
    counter.add.remote(i)
print(ray.get(refs), ray.get(counter.add.remote(0)))
