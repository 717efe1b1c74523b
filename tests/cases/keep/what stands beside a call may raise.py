import ray


@ray.remote
def f(x):
    return x


def main(names, table):
    try:
        return [(f.remote(name), table[name]) for name in names]
    except KeyError:
        print("a tuple")
    try:
        return {f.remote(name): table[name] for name in names}
    except KeyError:
        print("a dict")
    rows = []
    for name in names:
        rows.append([f.remote(name), table.setdefault(name, 3)])
    nested = [(name, [f.remote(name)]) for name in names]
    unpacked = [(f.remote(name), *names) for name in names]
    named = [{name: name, "ref": f.remote(name)} for name in names]
    return [n for _, n in rows], ray.get(nested[0][1]), unpacked[0][1:], sorted(named[0])


print(main("ab", {"a": 1}), len(main("ab", {"a": 1, "b": 2})))
