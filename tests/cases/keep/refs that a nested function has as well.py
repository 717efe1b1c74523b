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


def unbound(n):
    for i in range(n):
        before = step.remote(i)
        last = step.remote(before, i) if i else before
    try:
        return ray.get(last)
    except UnboundLocalError:
        return None


print(seen(3), hidden(2), unbound(0), unbound(2))
