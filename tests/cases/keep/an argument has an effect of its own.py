import ray


@ray.remote
def f(x):
    return x


def take(names):
    print("take", names[0])
    return names.pop(0)


def main():
    names = ["a", "b", "c"]
    refs = [f.remote(take(names)) for _ in range(3)]
    more = []
    for _ in range(2):
        more.append(f.remote(take(["d"])))
    print(ray.get(refs), ray.get(more), names)


main()
