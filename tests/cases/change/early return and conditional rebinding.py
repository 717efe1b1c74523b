import ray


@ray.remote
def f(x):
    return x


def main(mode):
    refs = [f.remote(i) for i in range(3)]
    if mode == "plain":
        refs = [4, 5]
    elif mode == "early":
        return ray.get(refs[0])
    elif mode == "none":
        refs = None
    if refs is None:
        return None
    more = [f.remote(r) for r in refs]
    return ray.get(more)


for mode in ("plain", "early", "none", "other"):
    print(mode, main(mode))
