"""Ray derives from a class that it makes an actor's, and the class runs code of the program then."""

import ray


@ray.remote
class Counter:
    def __init__(self):
        self.count = 0

    def add(self):
        self.count += 1
        return self.count


ray.init()
counter = Counter.options(num_cpus=0).remote()


class Base:
    def __init_subclass__(cls, **named):
        print("derived", ray.get(counter.add.remote()))


class Plain:
    def __init__(self, number):
        self.number = number

    def get(self):
        return self.number


def started(base, count):
    workers = []
    for number in range(count):
        workers.append(ray.remote(num_cpus=0)(base).remote(number))
    return workers


print(len(started(Plain, 2)))
