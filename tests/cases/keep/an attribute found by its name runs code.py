import ray


@ray.remote
def f(*args):
    return args


class Lazy:
    def __init__(self):
        self.asked = []

    def __getattr__(self, name):
        print("asked for", name)
        return name


def read(lazy, names):
    return ray.get([f.remote(getattr(lazy, name)) for name in names])


def looked_for(lazy, names):
    refs = []
    for name in names:
        if hasattr(lazy, name):
            refs.append(f.remote(name))
    return ray.get(refs)


print(read(Lazy(), ["one", "two"]))
print(looked_for(Lazy(), ["three"]))
