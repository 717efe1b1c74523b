import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


tasks = [f, g]
task = tasks[0]


class Table:
    refs = [task.remote(i) for i in range(2)]


def main(refs=[task.remote(i) for i in range(2)]):  # noqa: B006
    return ray.get(refs)


print(ray.get(Table.refs), main())
