import ray


@ray.remote
def load(name):
    return [name] * 3


@ray.remote
def part(values, i=0):
    return values


def printed(name):
    values = ray.get(load.remote(name))
    print(values)
    return part.remote(values)


def returned(name):
    values = ray.get(load.remote(name))
    return ray.get(part.remote(values)), values


def changed(name):
    values = ray.get(load.remote(name))
    values.append(1)
    return ray.get(part.remote(values))


def in_a_list(name):
    values = ray.get(load.remote(name))
    return ray.get(part.remote([values])), ray.get(part.remote(*values[:1]))


def starred(name):
    values = ray.get(load.remote(name))
    return ray.get(part.remote(*values[:1])), ray.get(part.remote(*values))


def later(name):
    values = ray.get(load.remote(name))
    return lambda: part.remote(values)


def with_a_time_limit(name):
    values = ray.get(load.remote(name), timeout=60)
    return ray.get(part.remote(values))


def whole(refs):
    values = ray.get(refs)
    return ray.get(part.remote([*values])), len(values)


def looked_at(refs):
    out = 0
    for values in ray.get(refs):
        if len(values) > 1:
            ray.get(part.remote(values))
            out += 1
    return out


print(ray.get(printed("a")), returned("b"), changed("c"), in_a_list("d"), ray.get(later("e")()), starred([1]))
print(with_a_time_limit("f"), whole([load.remote("g")]), looked_at([load.remote("h")]))
