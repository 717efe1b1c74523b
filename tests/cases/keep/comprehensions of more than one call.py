import ray


@ray.remote
def f(x):
    return x


named = {i: {"ref": f.remote(i)} for i in range(2)}
chosen = {i: f.remote(i) if i else None for i in range(2)}
keyed = {f.remote(i): [f.remote(-i)] for i in range(2)}
print(ray.get([d["ref"] for d in named.values()]))
print(chosen[0], ray.get(chosen[1]), sorted(zip(ray.get(list(keyed)), [ray.get(r) for [r] in keyed.values()])))
