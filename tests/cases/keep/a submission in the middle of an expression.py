import ray


@ray.remote
def f(*args):
    return args


def main():
    pairs = [(k, [f.remote(k)]) for k in range(2)]
    lazy = (f.remote(k) for k in range(2))
    return ray.get(pairs[0][1][0]), ray.get(list(lazy))


print(main())
