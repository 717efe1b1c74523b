import ray


@ray.remote
def f(x):
    return x


@ray.remote
def add(a, b, k):
    return a + b + k


def main():
    left = [f.remote(i) for i in range(3)]
    right = [f.remote(i * 10) for i in range(4)]
    sums = [add.remote(a, b, 0) for a, b in zip(left, right)]
    more = [add.remote(s, s, k) for k, s in enumerate(sums)]
    some = [add.remote(a, b, 0) for a in left for b in right]
    print(ray.get(more), ray.get(some), len(left))


main()
