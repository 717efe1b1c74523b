import ray


@ray.remote
def square(x):
    return x * x


def main():
    refs = [square.remote(i) for i in range(5)]
    print(ray.get(refs))


main()
