import ray


@ray.remote
def f(x, y):
    return x + y


def below(x):
    print("below", x)
    return range(x)


def main():
    print(ray.get([f.remote(x, y) for x in range(3) for y in below(x)]))


main()
