import ray


@ray.remote
def f(x):
    return x * 3


def main():
    results = [f.remote(i) for i in range(4)]
    results = ray.get(results)
    results = [f.remote(r) for r in results if r]
    results = sorted(ray.get(results))
    print(results)


main()
