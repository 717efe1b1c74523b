import ray


@ray.remote(num_returns=2)
def pair(x):
    return x, -x


@ray.remote
def single(x):
    return x, -x


@ray.remote(num_returns="dynamic")
def several(n):
    for i in range(n):
        yield i


wide = ray.remote(num_returns=2)(lambda x: (x, x))
pairs = [pair.remote(i) for i in range(2)]
others = [single.options(num_returns=2).remote(i) for i in range(2)]
left = [pair.remote(i)[0] for i in range(2)]
dynamic = [several.remote(i) for i in range(2)]
print([ray.get(list(p)) for p in pairs + others], ray.get(left), len(ray.get(dynamic)))
print([ray.get(list(wide.remote(i))) for i in range(2)])
