import sys

import ray


@ray.remote
def f(x):
    return x


@ray.remote
class Counter:
    def __init__(self, n=0):
        self.n = n

    def add(self, k=1):
        self.n += k
        return self.n


def main(names):
    for i in range(2):
        f.remote(i)
        sys.stdout.write(f"sent {i}\n")
    for name in names:
        with open(name) as file:
            f.remote(file.read())
    count = 0
    while count < 2:
        f.remote(count)
        count += 1
    for i in range(2):
        Counter.remote(i)
        f.remote(Counter)


try:
    main([])
except Exception as error:
    print(type(error).__name__)
