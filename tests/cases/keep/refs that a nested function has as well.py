import ray


@ray.remote
def step(x, y=1):
    return x + y


def seen(n):
    x = step.remote(0)

    def look():
        return ray.get(x)

    for i in range(n):
        x = step.remote(x, i)
    return look()


def hidden(n):
    x = step.remote(0)
    for _ in range(n):
        x = step.remote(x, len([x]))
    return ray.get(x)


print(seen(3), hidden(2))
