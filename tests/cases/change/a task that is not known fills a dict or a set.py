import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


def main(task):
    by_key = {key: task.remote(key) for key in "ab"}
    refs = {task.remote(i) for i in range(2)}
    slots = [None] * 2
    for i in range(2):
        slots[i] = task.remote(i)
    return ray.get(list(by_key.values())), sorted(ray.get(list(refs))), ray.get(slots)


print(main(f), main(g))
