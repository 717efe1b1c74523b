import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


def main(task, queue):
    refs = [task.remote(queue.pop()) for _ in range(2)]
    more = []
    for _ in range(2):
        more.append(task.remote(queue.pop()))
    return ray.get(refs), ray.get(more), queue


print(main(f, [1, 2, 3, 4, 5]))
