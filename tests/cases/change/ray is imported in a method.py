import os


class Job:
    def __init__(self, n):
        self.n = n

    def run(self):
        os.environ["RAY_DEDUP_LOGS"] = "0"
        import ray

        @ray.remote
        def square(x):
            return x * x

        last = None
        for i in range(self.n):
            last_one = square.remote(i)
            print(i)
        scale = lambda x: x + self.n
        refs = [square.remote(x) for x in range(self.n)]
        return ray.get(refs), last, [scale(1)]


print(Job(3).run())
