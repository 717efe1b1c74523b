import ray


class Counter:
    def __init__(self, i=0):
        self.i = i

    def get(self):
        return self.i


Counter = ray.remote(Counter)
actors = [Counter.remote(i) for i in range(2)]
counter = actors[0]
print(ray.get(counter.get.remote()))
