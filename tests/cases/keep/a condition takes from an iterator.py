import ray


@ray.remote
def f(*args):
    return args


def main():
    flags = iter([True, False, True])
    refs = [f.remote(i) for i in range(3) if next(flags)]
    stack = [1, 2, 3]
    more = [f.remote(stack) for i in range(2) if stack.pop()]
    return ray.get(refs), ray.get(more)


print(main())
