import builtins

import ray


@ray.remote
def f(x):
    return x + 1


@ray.remote
class A:
    def __init__(self, i=0):
        self.i = i

    def add(self, k):
        self.i += k
        return self.i


def main():
    length = len

    def loud(x):
        print("asked for a length")
        return length(x)

    items = [1, 2]
    xs = [f.remote(i) for i in items]
    builtins.len = loud
    try:
        ys = [f.remote(len(items)) for i in items]
        print("made", ray.get(xs), ray.get(ys))
    finally:
        builtins.len = length


main()
