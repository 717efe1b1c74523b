import ray


@ray.remote
def load(name):
    return [name] * 3


@ray.remote
def part(values, i=0):
    return values[0], i


def of_refs(refs):
    values = ray.get(refs)
    out = [part.remote(one) for one in values]
    for i, one in enumerate(values):
        out.append(part.remote(one, i + len(values)))
    return ray.get(out)


def at_once(refs, names):
    out = []
    for values, name in zip(ray.get(refs), names):
        print(name)
        out.append(part.remote(values, i=name))
    return ray.get(out), ray.get([part.remote(one) for one in ray.get(refs)])


def of_a_group(names):
    values = ray.get([load.remote(name) for name in names])
    refs = [load.remote(name) for name in names]
    more = ray.get(refs)
    return ray.get([part.remote(one, other) for one, other in zip(values, more)])


print(of_refs([load.remote(name) for name in "ab"]), at_once([load.remote(name) for name in "cd"], "ef"))
print(of_a_group("gh"))
