import ray


@ray.remote
def add(x, y):
    return x + y


def total(refs):
    while len(refs) > 1:
        refs.append(add.remote(refs.pop(0), refs.pop(0)))
    return ray.get(refs[0])


def totals(given):
    refs = list(given)
    while len(refs) > 1:
        refs.append(add.remote(refs.pop(0), refs.pop()))
    return ray.get(refs)


print(total([1]), totals([ray.put(1), ray.put(2), ray.put(3)]))
