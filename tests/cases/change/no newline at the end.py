import ray


@ray.remote
def f(x):
    return x


xs = [f.remote(i) for i in range(3)]
print(ray.get(xs)); ys = [f.remote(i) for i in range(2)]
print(ray.get(xs))
[f.remote(i) for i in range(3)]