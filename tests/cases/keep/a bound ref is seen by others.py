import ray


@ray.remote
def f(x):
    return x


def main(n):
    twice = []
    for i in range(n):
        ref = f.remote(i)
        twice.append(ref)
        twice.append(ref)
    kept = []
    for i in range(n):
        last = f.remote(i)
        kept.append(last)
    between = []
    for i in range(n):
        late = f.remote(i)
        i += 1
        between.append((i, late))
    seen = []
    for i in range(n):
        shown = f.remote(i)
        seen.append((shown, shown))
    held = []
    for i in range(n):
        nested = f.remote(i)
        held.append(lambda: nested)
    return ray.get(twice), ray.get(kept), ray.get(last), between[0][0], ray.get(seen[0][0]), ray.get(held[0]())


print(main(2))
