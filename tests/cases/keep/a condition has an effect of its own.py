import ray


@ray.remote
def f(x):
    return x


def wanted(x):
    print("wanted", x)
    return x % 2 == 0


def main():
    print(ray.get([f.remote(x) for x in range(4) if wanted(x)]))


main()
