import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


def chains(xs):
    refs = [g.remote(f.remote(x)) for x in xs]
    table = {x: g.remote(f.remote(g.remote(y))) for x in xs for y in xs if x != y}
    return ray.get(refs), {x: ray.get(ref) for x, ref in table.items()}


def rows(xs):
    pairs = [(f.remote(x), x, g.remote(x)) for x in xs]
    named = [{"one": f.remote(x), "other": [x], "two": g.remote(x)} for x in xs]
    listed = {x: [f.remote(x), g.remote(x)] for x in xs}
    values = [(ray.get(one), x, ray.get(two)) for one, x, two in pairs]
    return values, [(ray.get([n["one"], n["two"]]), n["other"]) for n in named], [ray.get(r) for r in listed.values()]


def chosen(xs):
    refs = [f.remote(x) if x % 2 else g.remote(g.remote(x)) if x else None for x in xs]
    return [ref if ref is None else ray.get(ref) for ref in refs]


def filled(xs):
    refs, inner, table, lists = [], [], {}, {}
    for x in xs:
        size = x * 2
        if x % 2:
            refs.append(f.remote(size))
        else:
            refs.append(g.remote(size))
        table[x] = f.remote(x), g.remote(size)
        lists.setdefault(x % 2, []).append(g.remote(f.remote(x)))
        row = []
        for i in range(x):
            row.append(f.remote(i))
        inner.append(row)
    done = ray.get(refs), {x: ray.get(list(pair)) for x, pair in table.items()}
    return done, [ray.get(row) for row in inner], {x: ray.get(row) for x, row in lists.items()}


def given(one, other, xs):
    return ray.get([x for x in each(one, other, xs)])


def each(one, other, xs):
    refs = [one.options(num_cpus=0.5).remote(other.remote(x)) for x in xs]
    return refs


for xs in ([], [0, 1, 2, 3]):
    print(chains(xs), rows(xs), chosen(xs), filled(xs), given(f, g, xs))
