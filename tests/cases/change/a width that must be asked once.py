import random

import ray


@ray.remote
class A:
    def __init__(self, i):
        self.i = i

    def get(self):
        return self.i


def main():
    random.seed(7)
    actors = [A.remote(i) for i in range(random.randint(1, 9))]
    some = [A.remote(i) for i in range(5) if i % 2]
    n = random.random()
    print(len(actors), len(some), ray.get([a.get.remote() for a in some]), n)


main()
