import ray


@ray.remote
def f(*args):
    return args


def main():
    refs = []
    for k in range(3):
        refs.append(f.remote(k))
        print(len(refs), ray.get(refs[-1]))
    more = []
    while len(more) < 2:
        more.append(f.remote(len(more)))
        first = more[0]
    return ray.get(more), ray.get(first)


print(main())
