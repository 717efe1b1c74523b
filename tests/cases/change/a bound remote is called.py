import ray


@ray.remote
def f(*args):
    return args


def main():
    call = f.remote
    refs = [call(i) for i in range(2)]
    table = {"f": f}
    more = [table["f"].remote(i) for i in range(2)]
    made = [(lambda i: f.remote(i))(i) for i in range(2)]
    return ray.get(refs), ray.get(more), ray.get(made)


print(main())
