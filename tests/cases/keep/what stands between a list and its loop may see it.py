import ray


@ray.remote
def f(x):
    return x


def shown(n):
    out = {}
    print(out)
    for i in range(n):
        out[f.remote(i)] = i
        print(len(out))
    return len(out)


def nested(n):
    out = {}

    def size():
        return len(out)

    print(size())
    for i in range(n):
        out[i] = f.remote(i)
    return size(), ray.get(list(out.values()))


def yielding(n):
    out = {}
    yield 0
    for i in range(n):
        out[i] = f.remote(i)
    yield ray.get(list(out.values()))


def handled(n):
    out = {}
    try:
        print("handled")
        for i in range(n):
            out[i] = f.remote(10 // (1 - i))
    except ZeroDivisionError:
        print(sorted(out))
    return sorted(out)


ray.init()
print(shown(2), nested(2), list(yielding(2)), handled(3))
