import ray


@ray.remote
def f(x):
    return x


def main(items):
    pending, done = [], []
    for item in items:
        if len(pending) >= 2:
            ready, pending = ray.wait(pending, num_returns=1)
            done += ray.get(ready)
        pending.append(f.remote(item))
    return sorted(done + ray.get(pending))


print(main(range(5)))
