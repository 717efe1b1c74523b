import ray


@ray.remote
def f(x):
    return x + 1


@ray.remote
def g(x, y=0):
    return x * 2 + y


def main():
    base = [f.remote(i) for i in range(3)]
    left = []
    right = []
    for one in base:
        left.append(f.remote(one))
        right.append(g.remote(one, y=5))
    print(ray.get(left), ray.get(right))


main()
