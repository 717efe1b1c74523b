import ray


@ray.remote
def f(x, y=0):
    if x == 99:
        raise KeyError(x)
    return x * 10 + y


def first(xs):
    refs = [f.remote(x) for x in xs]
    return ray.get(refs)


def wrapped(xs):
    refs = [f.remote(x) for x in xs]
    size = len(xs)
    total = sum(ray.get(refs))
    return total, size


def looped(rounds):
    found = []
    for i in range(rounds):
        refs = [f.remote(x, y=i) for x in range(3)]
        values = ray.get(refs)
        found.append(values)
    return found


def over(xs):
    found = []
    refs = [f.remote(x) for x in xs]
    for value in ray.get(refs):
        found.append(value)
    return found


def printed(xs):
    refs = [f.remote(x) for x in xs]
    print("values:", ray.get(refs))


def twice(xs):
    refs = [f.remote(x) for x in xs]
    return ray.get(refs) + ray.get(refs)


def after(xs):
    refs = [f.remote(x) for x in xs]
    print(len(xs), ray.get(refs))


def again(xs):
    refs = [f.remote(x) for x in xs]
    for _ in range(2):
        print(ray.get(refs))


def others_first(xs):
    refs = [f.remote(x) for x in xs]
    return first(xs[:1]) + ray.get(refs)


def with_timeout(xs):
    refs = [f.remote(x) for x in xs]
    return ray.get(refs, timeout=60)


def on_some_path(xs, flag):
    refs = []
    if flag:
        refs = [f.remote(x) for x in xs]
    return ray.get(refs)


def failing():
    refs = [f.remote(x) for x in (1, 99, 2)]
    try:
        return ray.get(refs)
    except KeyError as error:
        return type(error).__name__


def renamed(xs):
    refs = [f.remote(x) for x in xs]
    refs = ray.get(refs)
    return refs[0], len(refs)


data = list(range(4))
print(first(data), first([]), wrapped(data), looped(2), over(data))
printed(data)
print(twice(data))
after(data)
again(data)
print(others_first(data), with_timeout(data), on_some_path(data, True), on_some_path(data, False))
print(failing(), renamed(data))
print(ray.get([f.remote(x) for x in data], timeout=60), max(ray.get([f.remote(x) for x in data])))
