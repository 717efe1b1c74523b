import ray


@ray.remote
def f(x):
    return x


@ray.remote
def step(x):
    return [x]


def main(names):
    refs, found = [], {}
    for name in names:
        refs.append(step.remote(f.remote(name)))
        found[name] = []
    for ref in refs:
        found[ray.get(ref)[0]].extend(ray.get(ref))
    return found


def before(names):
    found = {}
    for name in names:
        found[name] = []
    print(found)
    return found, ray.get([f.remote(name) for name in names])


ray.init()
for names in ([], ["a", "b"]):
    print(main(names), before(names))
