import ray


@ray.remote
def f(x):
    return x


def main():
    mixed = []
    for i in range(2):
        mixed.append(f.remote(i))
        mixed.append(None)
    extended = []
    for i in range(2):
        extended.extend([f.remote(i)][:1])
    return ray.get([m for m in mixed if m is not None])


print(main())
