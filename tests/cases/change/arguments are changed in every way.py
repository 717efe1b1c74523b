import ray


@ray.remote
def f(*args):
    return args


import copy


@ray.remote
def g(x, *more):
    return x, more


class Box:
    def __init__(self, items):
        self.items = items

    def push(self, item):
        self.items.append(item)


items = [0]


def grow():
    items.append(len(items))


def by_an_alias():
    data = [1, {"k": 1}]
    alias = data
    inner = data[1]
    refs = [f.remote(data, i) for i in range(2)]
    more = [g.remote(r, data) for r in refs]
    alias[0] = 2
    inner["k"] = 2
    late = [f.remote(data, i) for i in range(2)]
    del data[:]
    return ray.get(more), ray.get(late)


def by_a_method():
    data = [1]
    box = Box(data)
    refs = [f.remote(data) for _ in range(2)]
    more = [f.remote(box.items, len(data)) for _ in range(2)]
    box.push(2)
    return ray.get(refs), ray.get(more)


def by_a_callee():
    refs = [f.remote(items) for _ in range(2)]
    more = [g.remote(r, items) for r in refs]
    grow()
    return ray.get(more), ray.get([f.remote(items) for _ in range(1)])


def by_a_later_statement():
    data = {"a": [1]}
    refs = [f.remote(data, copy.deepcopy(data)) for _ in range(2)]
    data["a"] += [2]
    more = [f.remote(data) for _ in range(2)]
    data |= {"b": 1}
    last = [f.remote(data) for _ in range(2)]
    data["a"].sort(reverse=True)
    return ray.get(refs), ray.get(more), ray.get(last)


def by_a_view():
    data = bytearray(b"ab")
    table = {1: "x"}
    keys = table.keys()
    refs = [f.remote(bytes(data), list(keys)) for _ in range(2)]
    more = [g.remote(r, sorted(keys)) for r in refs]
    data[0] = 0
    table[2] = "y"
    return ray.get(more), list(keys)


def by_a_generator():
    data = []

    def filling():
        for i in range(3):
            data.append(i)
            yield i

    source = filling()
    refs = [f.remote(data, i) for i in source]
    source = filling()
    grown = []
    for i in source:
        grown.append(f.remote(data, i))
    return ray.get(refs), ray.get(grown)


print(by_an_alias(), by_a_method(), by_a_callee(), by_a_later_statement(), by_a_view(), by_a_generator(), sep="\n")
