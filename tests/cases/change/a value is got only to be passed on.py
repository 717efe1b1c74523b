import ray


@ray.remote
def load(name):
    return [name] * 3


@ray.remote
def part(values, i=0):
    return values[i]


@ray.remote
class Store:
    def __init__(self, values):
        self.values = values

    def put(self, values, more=()):
        self.values = [*self.values, *values, *more]
        return len(self.values)

    def read(self):
        return self.values


def to_tasks(name):
    values = ray.get(load.remote(name))
    return ray.get([part.remote(values, i) for i in range(3)])


def to_actors(name):
    values: list = ray.get(load.options(num_cpus=1).remote(name))
    first = Store.options(max_restarts=0).remote(values)
    stores = [Store.remote([]) for _ in range(2)]
    ray.get([first.put.remote(values), *[one.put.remote(values, more=values) for one in stores]])
    stores[1].put.remote(values)
    return ray.get([first.read.remote()]), ray.get([one.read.remote() for one in stores])


def in_one_expression(name):
    return ray.get(part.remote(ray.get(load.remote(name)), i=1))


def from_round_to_round(name):
    values = name
    for _ in range(2):
        values = ray.get(load.remote(values))
    return Store.remote(values)


def in_branches(name, other):
    values = [other]
    if name:
        try:
            values = ray.get(load.remote(name))
            ref = part.remote(values)
        except ValueError:
            ref = part.remote([0])
        return ray.get(ref)
    return ray.get(part.remote(values))


def of_a_chain_and_a_gather(names):
    values = ray.get(load.remote(load.remote(load.remote(names[0]))))
    refs = [load.remote(name) for name in names]
    whole = ray.get(load.remote(refs))
    return ray.get([part.remote(values), part.remote((whole), len(names))])


print(to_tasks("a"), to_actors("b"), in_one_expression("c"), in_branches("d", "e"), in_branches("", "f"))
print(ray.get(from_round_to_round("g").read.remote()), len(of_a_chain_and_a_gather(["h", "i"])))
