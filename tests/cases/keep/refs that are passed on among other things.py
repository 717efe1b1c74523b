import ray


@ray.remote
def step(x, y=1):
    return x + y


def told(n):
    x = 0
    for i in range(n):
        x = step.remote(x, i)
        print(i)
    return ray.get(x)


def hidden(n):
    x = 0
    for _ in range(n):
        x = step.remote(ray.get(x) if isinstance(x, ray.ObjectRef) else x)
    return ray.get(x)


def kept(refs):
    while len(refs) > 1:
        refs.append(step.remote(refs.pop(0), refs.pop(0)))
    return ray.get(refs[0])


def caught(n):
    x = step.remote(0)
    try:
        for i in range(n):
            x = step.remote(x, i)
            i = (1, 2)[i]
    except IndexError:
        pass
    return ray.get(x)


def left(n):
    x = step.remote(0)
    while True:
        x = step.remote(x)
        n -= 1
        if n < 0:
            break
    return ray.get(x)


print(told(2), hidden(2), caught(3), left(2))
given = [step.remote(1), step.remote(2)]
given = [*given, step.remote(3)]
print(kept(given), len(given))
