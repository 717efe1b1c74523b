import ray


@ray.remote
def f(x):
    return x


submit = lambda i: f.remote(i)  # noqa: E731
lazy = (f.remote(i) for i in range(2))
first = next(f.remote(i) for i in range(2))
several = list((f.remote(i), f.remote(-i)) for i in range(2))
mapped = [*iter(map(lambda i: f.remote(i), range(2)))]  # noqa: C417
print(ray.get(submit(1)), ray.get(list(lazy)), ray.get(first), ray.get(several[1][0]), ray.get(mapped))
