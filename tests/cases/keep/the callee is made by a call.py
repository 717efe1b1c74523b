import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


made = []


def make():
    made.append(len(made))
    return f if len(made) % 2 else g


def main():
    return ray.get([make().remote(i) for i in range(3)])


print(main(), made)
