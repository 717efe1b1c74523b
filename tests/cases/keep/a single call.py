import ray


@ray.remote
def f(x):
    return x


ref = f.remote(1)
print(ray.get(ref), ray.get(f.remote(2)))
