import ray


@ray.remote
def f(x):
    return x


def names(label):
    print("names of", label)
    return ["a", "b"]


def main():
    first = [f.remote(n) for n in names("first")]
    second = [f.remote(n) for n in names("second")]
    third = [f.remote(v) for v in ray.get([f.remote(i) for i in range(2)])]
    print(ray.get(first), ray.get(second), ray.get(third))


main()
