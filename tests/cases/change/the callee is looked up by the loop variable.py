import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


def main(handlers, keys):
    refs = [handlers[key].remote(i) for i, key in enumerate(keys)]
    more = []
    for key in keys:
        task = handlers[key]
        more.append(task.remote(1))
    return ray.get(refs), ray.get(more)


print(main({"f": f, "g": g}, "fgf"))
