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


def main():
    seen = {}
    for i in range(3):
        seen[i] = f.remote(i)
        if i == 1:
            print(seen[0] is not None)
    chained = [None] * 3
    for i in range(3):
        chained[i] = f.remote([chained[i - 1]] if i else 0)
    shared = {}
    holder = [shared]
    for i in range(3):
        shared[i] = f.remote(len(holder[0]))
    return ray.get(seen[2]), ray.get(ray.get(chained[0])), ray.get(shared[2])


print(main())
