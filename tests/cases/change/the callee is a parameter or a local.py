import ray


@ray.remote
def f(x):
    return x


@ray.remote
def g(x):
    return -x


def run(task):
    return ray.get([task.remote(i) for i in range(3)])


def pick(flag):
    chosen = f if flag else g
    return ray.get([chosen.remote(i) for i in range(3)])


bound = f.remote
print(run(f), run(g), pick(True), pick(False), ray.get([bound(i) for i in range(2)]))
