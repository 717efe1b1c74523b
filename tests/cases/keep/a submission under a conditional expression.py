import ray


@ray.remote
def f(x):
    return x


def main(flag):
    one = f.remote(1) if flag else None
    refs = [f.remote(i) if flag else f.remote(-i) for i in range(2)]
    other = flag and f.remote(3)
    return ray.get(one), ray.get(refs), ray.get(other)


print(main(True))
