"""Each round declares its actor class anew, with options of its own, and makes one actor of it."""

import ray


class Worker:
    def __init__(self, number):
        self.number = number

    def add(self, x):
        return self.number + x


def started(count):
    workers = []
    for number in range(count):
        worker = ray.remote(num_cpus=0, max_restarts=number)(Worker).remote(number)
        workers.append(worker)
    return workers


ray.init()
workers = started(3)
print(ray.get([worker.add.remote(10) for worker in workers]))
more = [ray.remote(Worker).options(num_cpus=0).remote(number) for number in (5, 6)]
print(ray.get([worker.add.remote(1) for worker in more]))
