import ray


@ray.remote
def f(x):
    return x


work = [1, 2, 3, 4]
refs = [f.remote(work.pop(0)) for _ in range(2)]
stream = iter(work)
more = [f.remote(next(stream)) for _ in range(2)]
print(ray.get(refs), ray.get(more), work)
