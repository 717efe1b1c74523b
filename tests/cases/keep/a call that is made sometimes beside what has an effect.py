import ray


@ray.remote
def f(x):
    return x


queue = [3, 0, 2, 1]


def decided_by_an_effect(xs):
    return ray.get([f.remote(x) if queue.pop() else ray.put(7) for x in xs])


def by_a_walrus(xs):
    seen = []
    refs = [f.remote(x) if (y := x % 2) else seen.append(x) for x in xs]
    return [ref and ray.get(ref) for ref in refs], y if xs else None


def keyed(xs):
    refs = {x: f.remote(x) if x else None for x in xs}
    return {x: ref and ray.get(ref) for x, ref in refs.items()}


def kept(xs):
    refs = [ray.put(0)]
    done = [refs.append(f.remote(x)) for x in xs]
    seen = [refs.append(f.remote(len(refs))) for x in xs]
    [print(len(refs), refs.append(f.remote(x))) for x in xs]
    [refs.append(f.remote(queue.append(x) or x)) for x in xs]
    return done, seen, ray.get(refs), queue


ray.init()
for xs in ([], [0, 1, 2]):
    print(decided_by_an_effect(xs), by_a_walrus(xs), keyed(xs), kept(xs))
