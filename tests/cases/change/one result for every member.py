import ray


@ray.remote
def load(n):
    return list(range(n))


@ray.remote
def total(values, factor):
    return sum(values) * factor


def main():
    shared = load.remote(5)
    refs = [total.remote(shared, factor=k) for k in range(4)]
    print(ray.get(refs))


main()
