import ray


@ray.remote
def f(x):
    return x


def later():
    for i in range(3):
        f.remote(i)
    return i


def deleted():
    for k in range(3):
        f.remote(k)
    del k
    return "deleted"


def of_any(task):
    for i in range(3):
        task.remote(i)
    return i


def over_refs(refs):
    made = [f.remote(x) for x in refs]
    for ref in made:
        f.remote(ref)
    return ray.get(ref)


def none():
    for i in range(0):
        f.remote(i)
    try:
        return i
    except UnboundLocalError:
        return "unbound"


print(later(), deleted(), of_any(f), over_refs([1, 2]), none())
