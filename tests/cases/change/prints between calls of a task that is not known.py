import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


def main(task):
    refs = []
    for i in range(2):
        refs.append(task.remote(i))
        print("submitted", i)
    for i in range(2):
        task.remote(i)
        print("dropped", i)
    return ray.get(refs)


print(main(f), main(g))
