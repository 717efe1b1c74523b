import ray


@ray.remote
def f(x):
    return x


submit = lambda i: f.remote(i)  # noqa: E731
lazy = (f.remote(i) for i in range(2))
unique = {f.remote(i) for i in range(2)}
table = {i: f.remote(i) for i in range(2)}
mapped = list(map(lambda i: f.remote(i), range(2)))  # noqa: C417
print(ray.get(submit(1)), ray.get(list(lazy)), len(unique), ray.get(table[1]), ray.get(mapped))
