import ray


@ray.remote
def f(x):
    return x


@ray.remote
def count(refs, *values):
    return len(refs), values


def main():
    base = []
    for i in range(2):
        base.append(f.remote(i))
    out = []
    for k in range(2):
        out.append(count.remote(base, k))
    return ray.get(out)


print(main())
