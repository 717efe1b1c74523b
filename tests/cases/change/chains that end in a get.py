import ray


@ray.remote
def f(x):
    return x + 1


@ray.remote
def g(x, y=0):
    return 10 * x + y


def either(xs):
    return ray.get([f.remote(x) if x % 2 else g.remote(x) for x in xs])


def nested(x):
    print(ray.get(g.remote(f.remote(x))))
    return sum(ray.get([g.remote(f.remote(k), 5) for k in range(x)]))


def named(x):
    a = f.remote(x)
    b = g.remote(a, a)
    total = ray.get(g.remote(a, b)) + 1
    return total


def rounds(xs):
    total = 0
    for x in xs:
        a = f.remote(x)
        total += ray.get(g.remote(a))
    return total


def read_later(x):
    a = f.remote(x)
    b = ray.get(g.remote(a))
    return b, ray.get(a)


ray.init()
print(either([1, 2, 3]), either([]), nested(3), named(2), rounds([1, 2]), rounds([]), read_later(1))
