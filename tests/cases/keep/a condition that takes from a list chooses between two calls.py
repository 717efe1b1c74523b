import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


def main(flags):
    refs = [f.remote(len(flags)) if flags.pop() else g.remote(len(flags)) for _ in range(3)]
    more = []
    for i in range(2):
        if flags.pop():
            more.append(f.remote(i))
        else:
            more.append(g.remote(i))
    return ray.get(refs), ray.get(more), flags


print(main([1, 0, 1, 1, 0, 0]))
