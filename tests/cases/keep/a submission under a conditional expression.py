import ray


@ray.remote
def f(x):
    return x


def main(flag):
    one = f.remote(1) if flag else None
    other = flag and f.remote(3)
    return ray.get(one), ray.get(other)


print(main(True))
