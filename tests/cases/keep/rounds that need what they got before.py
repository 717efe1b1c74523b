import ray


@ray.remote
def step(x, k=1):
    return x + k


def folded(n):
    x = 0
    for i in range(n):
        y = ray.get(step.remote(x, i))
        x = ray.get(step.remote(y, x)) - y
    return x


def filled(n):
    seen = []
    for i in range(n):
        a = ray.get(step.remote(len(seen), i))
        seen.append(a)
        seen.append(ray.get(step.remote(a, seen[-1])))
    return seen


def stopped(xs):
    for x in xs:
        a = ray.get(step.remote(x))
        if a > ray.get(step.remote(x, 2)):
            break


print(folded(3), filled(3), stopped([1, 2]))
