import ray


@ray.remote
def f(*args):
    return args


def main():
    total = 0.0
    for k in range(4):
        ref = f.remote(0.1 * k)
        total += ray.get(ref)[0]
        total += ray.get(f.remote(0.7))[0]
    return total


print(main())
