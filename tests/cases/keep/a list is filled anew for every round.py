import ray


@ray.remote
def f(*args):
    return args


def overwritten():
    batch = [0, 0]
    refs = []
    for k in range(3):
        batch[0] = k
        refs.append(f.remote(batch))
    return ray.get(refs)


def cleared():
    batch = []
    refs = []
    for k in range(3):
        batch.clear()
        batch.extend([k, k])
        refs.append(f.remote(batch))
    return ray.get(refs)


def by_an_alias():
    table = {"k": 0}
    alias = table
    refs = []
    for k in range(3):
        alias.update(k=k)
        refs.append(f.remote(table))
    return ray.get(refs)


def by_a_callee():
    batch = [0]

    def grow(k):
        batch.append(k)
        return k

    refs = [f.remote(batch, grow(k)) for k in range(2)]
    return ray.get(refs)


print(overwritten(), cleared(), by_an_alias(), by_a_callee())
