import ray


@ray.remote
def f(*args):
    return args


def main():
    names = {}
    for k in range(3):
        ref = f.remote(k)
        names[ref] = k
        assert isinstance(ref, ray.ObjectRef) and ref.hex() == ref.hex()
    order = sorted(names.items(), key=lambda item: item[1])
    return [ray.get(ref) for ref, _ in order]


print(main())
