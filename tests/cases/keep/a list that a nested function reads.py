import ray


@ray.remote
def f(x):
    return x


def main():
    refs = []

    def done():
        return len(refs)

    for i in range(3):
        refs.append(f.remote(i))
    return done(), ray.get(refs)


def in_try():
    grown = []
    try:
        for i in (1, 0):
            grown.append(f.remote(6 // i))
    except ZeroDivisionError:
        return ray.get(grown)


print(main(), in_try())
