import ray


@ray.remote
def f(x):
    return x


def main():
    for i in range(3):
        f.remote(i)
    refs = [f.remote(i) for i in range(2)]
    total = len(refs)
    del refs
    for k in range(2):
        f.remote(k)
    k = "fresh"
    return total, k


print(main())
