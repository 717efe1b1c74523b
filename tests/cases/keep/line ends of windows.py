import ray


@ray.remote
def f(x):
    return x


print(ray.get(f.remote("café")))
