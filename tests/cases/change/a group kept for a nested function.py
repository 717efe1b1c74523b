import ray


@ray.remote
def f(x):
    return x + 1


def main():
    refs = [f.remote(i) for i in range(3)]

    def show(k):
        return ray.get(refs[k])

    others = [f.remote(i) for i in range(3)]
    first = lambda: others[0]  # noqa: E731
    print(show(1), ray.get(first()))


main()
