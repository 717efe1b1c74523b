from unittest import mock

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


def spy(x):
    print("called", x)
    return ray.put(x)


def main():
    with mock.patch.object(f, "remote", spy):
        xs = [f.remote(i) for i in range(3)]
        print("made")
    setattr(A, "remote", spy)
    ys = [A.remote(i) for i in range(2)]
    print(ray.get(xs), ray.get(ys))


main()
