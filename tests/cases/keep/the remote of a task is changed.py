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
    f.remote = spy
    xs = [f.remote(i) for i in range(3)]
    print("made")
    print(ray.get(xs))


main()
