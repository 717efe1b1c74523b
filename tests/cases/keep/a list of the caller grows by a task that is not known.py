import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


def main(task, refs):
    for i in range(2):
        refs.append(task.remote(i))
    return len(refs)


given = []
print(main(f, given), main(g, given), ray.get(given))
