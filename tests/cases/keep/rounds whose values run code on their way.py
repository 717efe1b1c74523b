import ray

seen = []


class Parcel:
    def __init__(self, x):
        self.x = x

    def __setstate__(self, state):
        seen.append(state)
        self.x = state["x"]


@ray.remote
def step(x, k=1):
    return x + k


@ray.remote
def wrap(x):
    return Parcel(x)


def main(xs):
    out = []
    for x in xs:
        out.append(ray.get(step.remote(x, len(seen))))
        out.append(ray.get(wrap.remote(x)).x)
    return out


print(main([1, 2, 3]))
